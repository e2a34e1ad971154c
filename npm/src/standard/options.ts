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
  /** It is told by this. */
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
  /** What binary messages come as. */
  binaryType: "blob" | "arraybuffer";
  /** How many bytes wait to be written. */
  readonly bufferedAmount: number;
  /** The extensions that the server chose, or an empty string. */
  readonly extensions: string;
  /** The subprotocol that the server chose, or an empty string. */
  readonly protocol: string;
  /** 0 while connecting, 1 when open, 2 while closing, 3 when closed. */
  readonly readyState: number;
  /** The URL, as it was understood. */
  readonly url: string;
  /** Called when messages can be sent. */
  onopen: ((event: Event) => unknown) | null;
  /** Called with each message. */
  onmessage: ((event: Event & { readonly data: unknown }) => unknown) | null;
  /** Called when the connection failed, in front of `onclose`. */
  onerror: ((event: Event) => unknown) | null;
  /** Called when the connection is gone, or could not be made. */
  onclose: ((event: Event & CloseInit) => unknown) | null;
  /**
   * Sends a message.
   *
   * @throws a `DOMException` `InvalidStateError` while it connects, and what `webSocket` says.
   */
  send(data: string | ArrayBufferLike | ArrayBufferView | Blob): void;
  /**
   * Starts the closing handshake.
   *
   * @param code 1000, or 3000 to 4999.
   * @param reason At most 123 bytes.
   * @throws a `DOMException`: `InvalidAccessError` for another code, `SyntaxError` for a longer reason.
   */
  close(code?: number, reason?: string): void;
}

/** What a `close` event carries. */
export interface CloseInit {
  /** The code, 1005 for none, and 1006 when there was no close frame. */
  readonly code: number;
  /** The reason, or an empty string. */
  readonly reason: string;
  /** Whether there was a closing handshake. */
  readonly wasClean: boolean;
}
