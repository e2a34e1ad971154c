// The entry `qwebsocket/reconnecting`: connections that come back, and the same class over their core.

/// <reference lib="esnext.disposable" preserve="true" />

import { instanceOf } from "./border/link.js";
import { full } from "./core/full.js";
import { offer, provide } from "./core/module.js";
import { platformFeatures } from "./runtimes/select.js";
import { QWebSocket as Class } from "./sockets/qwebsocket.js";
import { reconnectingOver, type ReconnectingWebSocket } from "./sockets/reconnecting.js";
import type { ReconnectOptions, TargetSource } from "./sockets/reconnect_options.js";
import type { Feature, WasmModule } from "./types.js";

/** The class, over the core that `reconnecting` has, too. */
export const QWebSocket: typeof Class = /* @__PURE__ */ offer(full, Class);
/** An object of the class. */
export type QWebSocket = Class;

/**
 * Connects, and connects again when the connection is lost.
 *
 * @param target What to connect to, or a function that is asked before each attempt, whose number
 * it gets: URL and subprotocols may be fresh ones. What it throws, or an answer that is no target, is
 * an attempt that failed; an answer that comes when it is over is ignored.
 * @throws as the constructor of {@link QWebSocket}, and {@link QWebSocketError} `Unsupported` where
 * there is no WebAssembly.
 * @example
 * ```js
 * const socket = reconnecting("wss://example.com/", { greeting: () => ["subscribe news"] });
 * socket.send("queued until there is a connection");
 * for await (const message of socket) console.log(message);
 * ```
 */
export const reconnecting: (
  target: TargetSource,
  options?: ReconnectOptions,
) => ReconnectingWebSocket = /* @__PURE__ */ reconnectingOver(/* @__PURE__ */ offer(full, full));

export { QWebSocketError, UnsupportedError } from "./errors.js";
export { ReconnectingWebSocket } from "./sockets/reconnecting.js";
export type * from "./sockets/reconnect_options.js";
export type * from "./types.js";

/** What works in this runtime without options: the features of a `new QWebSocket()`. */
export const features: readonly Feature[] = /* @__PURE__ */ platformFeatures();

/**
 * As `init` of `qwebsocket`, with the module of `qwebsocket/reconnecting.wasm`.
 *
 * @throws as that one.
 */
export function init(module?: WasmModule): void {
  if (module !== undefined) {
    provide(full, module);
  }
  instanceOf(full);
}
