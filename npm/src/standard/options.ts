// The options of `webSocket`, and the type of what it makes.

import type { OpenOptions, Options } from "../types.js";
import type { ReconnectOptions } from "../sockets/reconnect_options.js";

/** One connection for each object. */
export interface OnceOptions extends Options, Omit<OpenOptions, "signal" | "subprotocols"> {
  /**
   * Whether an object connects again when its connection is lost.
   *
   * @default false
   */
  reconnecting?: false | undefined;
}

/** An object connects again when its connection is lost. */
export interface AgainOptions extends Omit<ReconnectOptions, "subprotocols" | "paused" | "signal"> {
  reconnecting: true;
}

/** How the objects of a class behave. */
export type WebSocketOptions = OnceOptions | AgainOptions;

/** The platform's class, where its types have one; else what is used of it. */
export type StandardClass = typeof globalThis extends { WebSocket: infer Class }
  ? Class
  : new (url: string | URL, protocols?: string | string[]) => StandardLike;

/** An object of the platform's class, for platforms whose types have none. */
export interface StandardLike extends EventTarget {
  binaryType: "blob" | "arraybuffer";
  readonly bufferedAmount: number;
  readonly extensions: string;
  readonly protocol: string;
  readonly readyState: number;
  readonly url: string;
  onopen: ((event: Event) => unknown) | null;
  onmessage: ((event: Event & { readonly data: unknown }) => unknown) | null;
  onerror: ((event: Event) => unknown) | null;
  onclose: ((event: Event & CloseInit) => unknown) | null;
  send(data: string | ArrayBufferLike | ArrayBufferView | Blob): void;
  close(code?: number, reason?: string): void;
}

/** What a `close` event carries. */
export interface CloseInit {
  readonly code: number;
  readonly reason: string;
  readonly wasClean: boolean;
}
