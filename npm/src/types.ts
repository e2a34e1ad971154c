// The public types: options, events, and what can be sent and received.

import type { QWebSocketError } from "./errors.js";

export type * from "./options.js";
export type { WebSocketClass, WebSocketLike } from "./runtimes/class.js";

/** The states of a connection, as Qt calls them. */
export type State = "unconnected" | "connecting" | "connected" | "closing";

/**
 * What not every runtime can do. {@link QWebSocket.features} has those that work; what needs
 * another one throws an {@link UnsupportedError} with its name.
 *
 * | feature | what it is | where |
 * |---|---|---|
 * | `PING` | {@link QWebSocket.ping} and the event `pong` | Bun; the `ws` package |
 * | `HEADERS` | {@link OpenOptions.headers} | Node, Deno, Bun; the `ws` package |
 * | `ORIGIN` | {@link OpenOptions.origin} | where `HEADERS` is |
 * | `TLS_CONFIG` | {@link OpenOptions.tls} | Node, Deno, Bun; the `ws` package |
 * | `CLOSE_CODES` | {@link QWebSocket.close} with 1001 to 1014 | Bun; the `ws` package |
 * | `READ_BUFFER` | {@link Options.readBufferSize} | with a `WebSocketStream`, see {@link Options.stream}; Bun; the `ws` package |
 *
 * The others work in no JavaScript runtime. They are listed so that the same names mean the same as
 * in the Rust crate: `FRAMES`, `OUTGOING_FRAME`, `INCOMING_FRAME`, `MASKS`, `COMPRESSION`,
 * `AUTHENTICATION`, `PROXY` and `REDIRECTS` have an option that throws; for `ADDRESSES`, `SERVER`,
 * `PARTS`, `OWN_STREAM`, `TLS_ERRORS`, `TLS_INTERRUPTION`, `TLS_ALERTS`, `PRE_SHARED_KEY`,
 * `TLS_INFO`, `TLS_CIPHERS`, `TLS_CHAIN`, `TLS_SESSIONS`, `TLS_KEY_LOG`, `ENCRYPTED_KEY`,
 * `CLIENT_CERTIFICATES` and `ALPN` there is nothing here to call.
 */
export type Feature =
  | "PING"
  | "FRAMES"
  | "OUTGOING_FRAME"
  | "INCOMING_FRAME"
  | "MASKS"
  | "HEADERS"
  | "ORIGIN"
  | "CLOSE_CODES"
  | "READ_BUFFER"
  | "ADDRESSES"
  | "SERVER"
  | "TLS_CONFIG"
  | "TLS_ERRORS"
  | "TLS_INTERRUPTION"
  | "TLS_ALERTS"
  | "PRE_SHARED_KEY"
  | "AUTHENTICATION"
  | "PROXY"
  | "COMPRESSION"
  | "TLS_INFO"
  | "PARTS"
  | "REDIRECTS"
  | "OWN_STREAM"
  | "TLS_CIPHERS"
  | "TLS_CHAIN"
  | "TLS_SESSIONS"
  | "TLS_KEY_LOG"
  | "ENCRYPTED_KEY"
  | "CLIENT_CERTIFICATES"
  | "ALPN";

/**
 * What went wrong, to decide by.
 *
 * - `InvalidInput`: a URL, subprotocol, size or close code that cannot be used; nothing changed
 * - `Unsupported`: the runtime cannot do it; see {@link UnsupportedError}
 * - `WrongState`: the call does not fit the state, such as a message before `connected`
 * - `QueueFull`: a bounded queue has no room; the message was not taken
 * - `TimedOut`: a time limit passed
 * - `Connection`: the connection could not be made; a browser does not tell why
 * - `TooLarge`: the peer sent more than a limit allows
 * - `RemoteClosed`: the connection ended without a closing handshake
 */
export type ErrorKind =
  | "InvalidInput"
  | "Unsupported"
  | "WrongState"
  | "QueueFull"
  | "TimedOut"
  | "Connection"
  | "TooLarge"
  | "RemoteClosed";

/** {@link QWebSocket.state} is now this. */
export interface StateChangedEvent extends Event {
  /** The name of the event. */
  readonly type: "stateChanged";
  /** The new state. */
  readonly state: State;
}

/** A whole text message. */
export interface TextMessageEvent extends Event {
  /** The name of the event. */
  readonly type: "textMessageReceived";
  /** The text. */
  readonly message: string;
}

/** A whole binary message. */
export interface BinaryMessageEvent extends Event {
  /** The name of the event. */
  readonly type: "binaryMessageReceived";
  /** The bytes, which nobody else has. */
  readonly message: ArrayBuffer;
}

/** So many bytes of payload have left the runtime's buffer since the last such event. */
export interface BytesWrittenEvent extends Event {
  /** The name of the event. */
  readonly type: "bytesWritten";
  /** How many, at least 1. */
  readonly bytes: number;
}

/** Something went wrong; also kept in {@link QWebSocket.error}. */
export interface ErrorOccurredEvent extends Event {
  /** The name of the event. */
  readonly type: "errorOccurred";
  /** What went wrong. */
  readonly error: QWebSocketError;
}

/** A pong arrived. Needs the feature `PING`. */
export interface PongEvent extends Event {
  /** The name of the event. */
  readonly type: "pong";
  /** Milliseconds since {@link QWebSocket.ping} with this payload; `undefined` when nobody asked. */
  readonly elapsed: number | undefined;
  /** The payload of the ping, at most 125 bytes. */
  readonly payload: ReturnType<Uint8Array["slice"]>;
}

/** An event that carries nothing but its name. */
export interface SignalEvent<Name extends string> extends Event {
  /** The name of the event. */
  readonly type: Name;
}

/**
 * The signals, by their Qt names. Their order is the same everywhere:
 *
 * | case | events |
 * |---|---|
 * | {@link QWebSocket.open} | `stateChanged` (connecting) |
 * | success | `stateChanged` (connected), `connected` |
 * | failure before that | `errorOccurred`, `stateChanged` (unconnected), `disconnected` |
 * | own {@link QWebSocket.close} | `aboutToClose`, `stateChanged` (closing); when the peer has answered, or after the time limit, `stateChanged` (unconnected), `readChannelFinished`, `disconnected` |
 * | the peer's close | the same, without a call |
 * | a message over a limit | `errorOccurred`, then the same |
 * | lost without a closing handshake | `errorOccurred`, `stateChanged` (unconnected), `readChannelFinished`, `disconnected` |
 * | {@link QWebSocket.abort} | `aboutToClose`, `stateChanged` (unconnected), `readChannelFinished`, `disconnected` |
 *
 * A listener may call the socket. What follows from that is told when all listeners have heard the
 * event before.
 */
export interface QWebSocketEventMap {
  /** The state is another one. */
  stateChanged: StateChangedEvent;
  /** The opening handshake succeeded: messages can be sent. */
  connected: SignalEvent<"connected">;
  /**
   * The connection is about to close. A listener may still send a last message, which goes out in
   * front of the close frame, if it does so before it returns.
   */
  aboutToClose: SignalEvent<"aboutToClose">;
  /** The connection is gone: the last event until the next {@link QWebSocket.open}. */
  disconnected: SignalEvent<"disconnected">;
  /** Nothing more will be received. */
  readChannelFinished: SignalEvent<"readChannelFinished">;
  /** A text message has arrived. */
  textMessageReceived: TextMessageEvent;
  /** A binary message has arrived. */
  binaryMessageReceived: BinaryMessageEvent;
  /** Messages, or parts of them, were written. */
  bytesWritten: BytesWrittenEvent;
  /** Something went wrong, which the state may tell next. */
  errorOccurred: ErrorOccurredEvent;
  /** The answer to a ping, or a pong that nobody has asked for. */
  pong: PongEvent;
}

/** Any of the events of a socket; `type` tells which. */
export type QWebSocketEvent = QWebSocketEventMap[keyof QWebSocketEventMap];

/** What is received: text, or binary data. */
export type Received = string | ArrayBuffer;

/** What can be sent. A `Blob` keeps its place in the order, even where it has to be read first. */
export type Sendable = string | ArrayBufferLike | ArrayBufferView | Blob;

/** `WebAssembly.Module`, where the types of the platform have it. */
export type WasmModule = typeof globalThis extends {
  WebAssembly: { Module: { prototype: infer Module } };
}
  ? Module
  : never;

/** The type of a property that holds a listener. */
export type Handler<Target, Event> = ((this: Target, event: Event) => unknown) | null;

/** How a connection, or an attempt at one, ended. */
export interface Ending {
  /** Whether there was a connection, and not only an attempt. */
  readonly wasConnected: boolean;
  /** The error that it ended with, if it did. */
  readonly error: QWebSocketError | undefined;
  /** What the connection was closed with. */
  readonly closeCode: number | undefined;
  /** Its reason, or an empty string. */
  readonly closeReason: string;
  /**
   * The code of the peer's own close frame, 1005 for one without a code; `undefined` when it never
   * came. So an answer to our own close, another code than ours, and silence can be told apart.
   */
  readonly peerCloseCode: number | undefined;
  /** Its reason, or an empty string. */
  readonly peerCloseReason: string;
}

/**
 * Whether to try again: after the usual delay, after one that is longer by so many milliseconds
 * (what is over already counts as 0), or no more.
 */
export type Verdict =
  | "retry"
  | "giveUp"
  | {
      /** How many milliseconds longer, from 0; `Infinity` is for ever. */
      retryAfter: number;
    };

/** An attempt begins. */
export interface AttemptEvent extends Event {
  /** The name of the event. */
  readonly type: "attempt";
  /** Which one since the last connection that lasted, counted from 1. */
  readonly attempt: number;
}

/** An attempt led to no connection. */
export interface AttemptFailedEvent extends Event {
  /** The name of the event. */
  readonly type: "attemptFailed";
  /** Why; its `cause` is what the function for the target threw, if it did. */
  readonly error: QWebSocketError | undefined;
}

/** The next attempt waits. */
export interface WaitingEvent extends Event {
  /** The name of the event. */
  readonly type: "waiting";
  /** Its number. */
  readonly attempt: number;
  /** How many milliseconds it waits. */
  readonly delay: number;
}

/** A connection has ended, by whomever. */
export interface EndedEvent extends Event, Ending {
  /** The name of the event. */
  readonly type: "ended";
  /** There was one. */
  readonly wasConnected: true;
  /** The error that it ended with, if it did. */
  readonly error: QWebSocketError | undefined;
  /**
   * The numbers of the messages that were written, neither acknowledged nor told here before: from
   * the first up to, and without, the second. They have arrived or not, and are not sent again.
   * Those that were told as `dropped` are not meant. Empty when the peer has answered our own close
   * with the same code, since it has read what came before; a close frame with another code may be
   * one that crossed ours.
   */
  readonly unknown: readonly [from: number, to: number];
}

/** An accepted message will not be sent. */
export interface DroppedEvent extends Event {
  /** The name of the event. */
  readonly type: "dropped";
  /** The number that `send` has returned for it. */
  readonly number: number;
  /** The message itself. */
  readonly message: Sendable;
  /** What the runtime has refused it with, for good; `undefined` when it made room for a newer one. */
  readonly reason: unknown;
}

/** There will be no further attempt. */
export interface GivenUpEvent extends Event {
  /** The name of the event. */
  readonly type: "givenUp";
  /** How many attempts in a row led to no lasting connection. */
  readonly attempts: number;
}

/**
 * The events of a connection that comes back: those of its socket, and around them
 *
 * | case | events |
 * |---|---|
 * | an attempt | `attempt`, then those of the socket up to `connected` |
 * | it fails | `attempt`, those of the socket up to `disconnected`, `attemptFailed`, then as below |
 * | a connection ends | those of the socket up to `disconnected`, `ended`, then as below |
 * | another attempt will follow | `waiting`, or `offline` while it is set so |
 * | none will | `givenUp` |
 */
export interface ReconnectingEventMap extends QWebSocketEventMap {
  /** An attempt begins. */
  attempt: AttemptEvent;
  /** It led to no connection. */
  attemptFailed: AttemptFailedEvent;
  /** The next attempt waits for its delay. */
  waiting: WaitingEvent;
  /** The next attempt waits for `setOnline(true)`. */
  offline: SignalEvent<"offline">;
  /** A connection has ended. */
  ended: EndedEvent;
  /** An accepted message will not be sent. */
  dropped: DroppedEvent;
  /** There will be no further attempt. */
  givenUp: GivenUpEvent;
}

/** Any of the events of a connection that comes back; `type` tells which. */
export type ReconnectingEvent = ReconnectingEventMap[keyof ReconnectingEventMap];
