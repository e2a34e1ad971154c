// The entry `qwebsocket/typed`: values instead of messages.

/// <reference lib="esnext.disposable" preserve="true" />

import type { QWebSocket } from "./sockets/qwebsocket.js";
import type { ReconnectingWebSocket } from "./sockets/reconnecting.js";
import { type Codec, json } from "./typed/codec.js";
import type { Schema } from "./typed/schema.js";
import { TypedSocket } from "./typed/socket.js";

export { json } from "./typed/codec.js";
export type { Codec } from "./typed/codec.js";
export { SchemaError } from "./typed/schema.js";
export type { Issue, Schema, Validated } from "./typed/schema.js";
export type {
  MalformedEvent,
  MessageReceivedEvent,
  TypedEventMap,
  TypedSocket,
} from "./typed/socket.js";

/** How values become messages. */
export interface TypedOptions<In, Out> {
  /**
   * What encodes and decodes.
   *
   * @default json()
   */
  codec?: Codec<In, Out> | undefined;
}

/** The same, with what is decoded validated; the values are what the schema makes of them. */
export interface ValidatedOptions<In, Out> extends TypedOptions<unknown, Out> {
  /** What checks, and may change, each value behind the codec. */
  schema: Schema<In>;
}

/**
 * The values of a socket, of either kind, opened or not.
 *
 * @throws `TypeError` for a codec or a schema that is none.
 * @example
 * ```ts
 * const socket = reconnecting("wss://example.com/");
 * const chat = typed<News, Command>(socket);
 * chat.send({ subscribe: "news" });
 * for await (const news of chat) console.log(news.title);
 * ```
 */
export function typed<In, Out = In>(
  socket: QWebSocket | ReconnectingWebSocket,
  options: ValidatedOptions<In, Out>,
): TypedSocket<In, Out>;
export function typed<In = unknown, Out = In>(
  socket: QWebSocket | ReconnectingWebSocket,
  options?: TypedOptions<In, Out>,
): TypedSocket<In, Out>;
export function typed<In, Out>(
  socket: QWebSocket | ReconnectingWebSocket,
  options?: TypedOptions<unknown, Out> & Partial<ValidatedOptions<In, Out>>,
): TypedSocket<In, Out> {
  if (typeof socket?.events != "function") {
    throw new TypeError("typed takes a QWebSocket, or what reconnecting returns");
  }
  const { codec = json<unknown, Out>(), schema } = options ?? {};
  if (typeof codec?.encode != "function" || typeof codec.decode != "function") {
    throw new TypeError("a codec has the functions encode and decode");
  }
  if (schema && typeof schema["~standard"]?.validate != "function") {
    throw new TypeError("schema is no Standard Schema");
  }
  return new TypedSocket<In, Out>(socket, codec, schema);
}
