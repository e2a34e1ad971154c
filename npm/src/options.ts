// The options of a socket and of its connections, and their defaults.

import type { WebSocketClass } from "./runtimes/class.js";
import type { Feature, Received } from "./types.js";

/**
 * How a socket behaves. What is no option is refused with a `TypeError`; a number out of its range
 * with a {@link QWebSocketError} `InvalidInput`.
 */
export interface Options {
  /**
   * The class that connects. Node before version 22 has none; the class of the package `ws` can be
   * handed in. Another class than the platform's is found out by what it does: it gets
   * `(url, protocols)`, and has the features that its methods show.
   *
   * @default the global `WebSocket`
   */
  webSocket?: WebSocketClass | undefined;
  /**
   * Whether to connect by the global `WebSocketStream`, which lets a slow reader slow its peer
   * down. Without one, or with `webSocket`, an `UnsupportedError` names `READ_BUFFER`.
   *
   * @default false
   */
  stream?: boolean | undefined;
  /**
   * How many bytes may wait in the iterators of `messages()` and
   * `events()`, at least 1. When they are there, reading stops and the peer is slowed
   * down; a larger message still gets through. Needs the feature `READ_BUFFER`.
   *
   * @default without a bound
   */
  readBufferSize?: number | undefined;
  /**
   * How many bytes may wait there, from 0, before the connection is closed with the error `TooLarge`:
   * for runtimes that cannot stop reading.
   *
   * @default without a bound
   */
  receiveQueue?: number | undefined;
  /**
   * How many bytes may wait to be written, from 0. A message that does not fit is refused with the error
   * `QueueFull`, unless nothing waits.
   *
   * @default without a bound, as in Qt
   */
  writeQueue?: number | undefined;
  /**
   * The largest incoming message, in bytes, from 0 to 2³¹ − 2. A larger one ends the connection with
   * the error `TooLarge` and code 4009, since a browser does not send 1009. The package `ws` does not
   * even read or inflate it, and sends 1009 itself.
   *
   * @default 2147483646
   */
  maxAllowedIncomingMessageSize?: number | undefined;
  /**
   * The limit of the opening handshake, in milliseconds from 0; `Infinity` is none.
   *
   * @default 120000
   */
  openTimeout?: number | undefined;
  /**
   * The limit of the closing handshake, in milliseconds from 0; `Infinity` is none.
   *
   * @default 3000
   */
  closeTimeout?: number | undefined;
  /**
   * Asks a peer that is silent whether it is still there.
   *
   * @default it is not asked
   */
  keepAlive?: KeepAlive | undefined;
  /**
   * What is ignored, instead of failing, where the runtime lacks it.
   *
   * @default []
   */
  bestEffort?: readonly Feature[] | undefined;
  /**
   * What is told of each event but messages, `bytesWritten` and `pong`, before its listeners hear it:
   * a function, or the `console`. There is nothing of a payload in it, nor a URL or a header. What
   * it throws is reported as uncaught.
   *
   * @default nobody
   */
  log?:
    | LogFunction
    | {
        /** Called with the same, behind the name. */
        log(...all: unknown[]): void;
      }
    | undefined;
  /** Throws: `FRAMES`. */
  frames?: boolean | undefined;
  /** Throws: `OUTGOING_FRAME`. */
  outgoingFrameSize?: number | undefined;
  /** Throws: `INCOMING_FRAME`. */
  maxAllowedIncomingFrameSize?: number | undefined;
  /** Throws: `MASKS`. */
  maskGenerator?: unknown;
  /** Throws: `COMPRESSION`. Runtimes compress by themselves, or not. */
  compression?: unknown;
  /** Throws: `AUTHENTICATION`. */
  credentials?: unknown;
  /** Throws: `PROXY`. */
  proxy?: unknown;
  /** Throws: `REDIRECTS`. */
  redirects?: number | undefined;
}

/**
 * Takes an event by its name, and what it carries: a state, an error, an attempt, a delay; of
 * `disconnected` what the connection was closed with.
 */
export type LogFunction = (type: string, about: Readonly<Record<string, unknown>>) => void;

/**
 * How to find out whether a silent peer is still there. Whatever arrives breaks the silence. When
 * it stays silent, the error is `TimedOut`, and the connection is lost. Time in which we do not read
 * ({@link Options.readBufferSize}) does not count.
 *
 * @example
 * ```js
 * new QWebSocket({
 *   keepAlive: { interval: 30_000, probe: "ping", isAnswer: (message) => message === "pong" },
 * });
 * ```
 */
export interface KeepAlive {
  /** After so many milliseconds of silence the peer is asked; at least 1. Required. */
  interval: number;
  /**
   * How many milliseconds the peer may then stay silent; at least 1.
   *
   * @default 20000
   */
  limit?: number | undefined;
  /** The question, in the application's protocol. */
  probe: string | ArrayBufferLike | ArrayBufferView;
  /**
   * Whether a message is the answer. One for each question is not told. What this throws is reported
   * as an uncaught error, and so is a promise as its result; the message counts as no answer.
   */
  isAnswer(message: Received): boolean;
}

/** Headers, in any of the shapes that `fetch` takes, or a `Map`. */
export type HeadersLike =
  Readonly<Record<string, string>> | Iterable<readonly [name: string, value: string]>;

/** What an opening handshake carries besides the URL. */
export interface OpenOptions {
  /**
   * The subprotocols on offer; the first is liked best.
   *
   * @default []
   */
  subprotocols?: readonly string[] | undefined;
  /**
   * Aborts the attempt; a connection that is made is not touched.
   *
   * @default nobody does
   */
  signal?: AbortSignal | undefined;
  /**
   * Headers of the opening handshake. Needs the feature `HEADERS`.
   *
   * @default []
   */
  headers?: HeadersLike | undefined;
  /**
   * The `Origin` header. Needs the feature `ORIGIN`.
   *
   * @default none, and in a browser the page's
   */
  origin?: string | undefined;
  /**
   * How `wss` trusts and shows itself. Needs the feature `TLS_CONFIG`.
   *
   * @default as the runtime does
   */
  tls?: TlsOptions | undefined;
}

/** TLS as Node, Deno and Bun take it. */
export interface TlsOptions {
  /**
   * Root certificates to trust, PEM.
   *
   * @default those of the runtime
   */
  ca?: string | readonly string[];
  /**
   * The client's certificate, PEM; goes with `key`.
   *
   * @default none
   */
  cert?: string;
  /**
   * The client's private key, PEM.
   *
   * @default none
   */
  key?: string;
  /**
   * Whether a server that is not trusted is refused. Not in Deno.
   *
   * @default true
   */
  rejectUnauthorized?: boolean;
}
