/**
 * Qt's `QWebSocket` for JavaScript: the same states, signals and order of events, typed, in
 * browsers, workers, Node, Deno and Bun.
 *
 * ```js
 * import { QWebSocket } from "qwebsocket";
 *
 * const socket = new QWebSocket();
 * socket.addEventListener("textMessageReceived", ({ message }) => console.log(message));
 * await socket.open("wss://example.com/chat", { subprotocols: ["chat.v2"] });
 * socket.sendTextMessage("hello");
 * ```
 *
 * @packageDocumentation
 */

/// <reference lib="esnext.disposable" />

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

/** An error of this package. */
export class QWebSocketError extends Error {
  constructor(kind: ErrorKind, message?: string);
  /** What to decide by; `message` is to be shown. */
  readonly kind: ErrorKind;
}

/** The runtime cannot do what was asked for. */
export class UnsupportedError extends QWebSocketError {
  constructor(feature: Feature);
  readonly kind: "Unsupported";
  /** What is missing. */
  readonly feature: Feature;
}

/** {@link QWebSocket.state} is now this. */
export interface StateChangedEvent extends Event {
  readonly type: "stateChanged";
  readonly state: State;
}

/** A whole text message. */
export interface TextMessageEvent extends Event {
  readonly type: "textMessageReceived";
  readonly message: string;
}

/** A whole binary message. */
export interface BinaryMessageEvent extends Event {
  readonly type: "binaryMessageReceived";
  readonly message: ArrayBuffer;
}

/** So many bytes of payload have left the runtime's buffer since the last such event. */
export interface BytesWrittenEvent extends Event {
  readonly type: "bytesWritten";
  readonly bytes: number;
}

/** Something went wrong; also kept in {@link QWebSocket.error}. */
export interface ErrorOccurredEvent extends Event {
  readonly type: "errorOccurred";
  readonly error: QWebSocketError;
}

/** A pong arrived. Needs the feature `PING`. */
export interface PongEvent extends Event {
  readonly type: "pong";
  /** Milliseconds since {@link QWebSocket.ping} with this payload; `undefined` when nobody asked. */
  readonly elapsed: number | undefined;
  readonly payload: Uint8Array<ArrayBuffer>;
}

/** An event that carries nothing but its name. */
export interface SignalEvent<Name extends string> extends Event {
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
  textMessageReceived: TextMessageEvent;
  binaryMessageReceived: BinaryMessageEvent;
  bytesWritten: BytesWrittenEvent;
  errorOccurred: ErrorOccurredEvent;
  pong: PongEvent;
}

/** Any of the events of a socket; `type` tells which. */
export type QWebSocketEvent = QWebSocketEventMap[keyof QWebSocketEventMap];

/** What is received: text, or binary data. */
export type Received = string | ArrayBuffer;

/** What can be sent. A `Blob` keeps its place in the order, even where it has to be read first. */
export type Sendable = string | ArrayBufferLike | ArrayBufferView | Blob;

/** An object of the class that connects, as far as it is used; see {@link Options.webSocket}. */
export interface WebSocketLike {
  binaryType: string;
  readonly bufferedAmount: number;
  readonly extensions: string;
  readonly protocol: string;
  readonly readyState: number;
  readonly url: string;
  addEventListener(type: string, listener: (event: any) => void): void;
  removeEventListener(type: string, listener: (event: any) => void): void;
  send(data: any): void;
  close(code?: number, reason?: string): void;
}

/** A class such as the global `WebSocket`, or that of the package `ws`. */
export type WebSocketClass = new (url: string, protocols?: any, options?: any) => WebSocketLike;

/** How a socket behaves. */
export interface Options {
  /**
   * The class that connects. Default: the global `WebSocket`. Node before version 22 has none; the
   * class of the package `ws` can be handed in.
   */
  webSocket?: WebSocketClass;
  /**
   * Whether to connect by the global `WebSocketStream`, which lets a slow reader slow its peer
   * down. Without one, or with `webSocket`, an {@link UnsupportedError} names `READ_BUFFER`.
   * Default: `false`.
   */
  stream?: boolean;
  /**
   * How many bytes may wait in the iterators of {@link QWebSocket.messages} and
   * {@link QWebSocket.events}, at least 1. When they are there, reading stops and the peer is slowed
   * down; a larger message still gets through. Needs the feature `READ_BUFFER`. Default: without
   * a bound.
   */
  readBufferSize?: number;
  /**
   * The same, but over it the connection is closed with the error `TooLarge`: for runtimes that
   * cannot stop reading. Default: without a bound.
   */
  receiveQueue?: number;
  /**
   * How many bytes may wait to be written. A message that does not fit is refused with the error
   * `QueueFull`, unless nothing waits. Default: without a bound, as in Qt.
   */
  writeQueue?: number;
  /**
   * The largest incoming message, in bytes. A larger one ends the connection with the error
   * `TooLarge` and code 4009, since a browser does not send 1009. Default, and the highest:
   * 2³¹ − 2.
   */
  maxAllowedIncomingMessageSize?: number;
  /** The limit of the opening handshake, in milliseconds; `Infinity` is none. Default: 120 000. */
  openTimeout?: number;
  /** The limit of the closing handshake, in milliseconds; `Infinity` is none. Default: 3 000. */
  closeTimeout?: number;
  /** Asks a peer that is silent whether it is still there. Default: it is not asked. */
  keepAlive?: KeepAlive;
  /** What is ignored, instead of failing, where the runtime lacks it. Default: nothing. */
  bestEffort?: readonly Feature[];
  /** Throws: `FRAMES`. */
  frames?: boolean;
  /** Throws: `OUTGOING_FRAME`. */
  outgoingFrameSize?: number;
  /** Throws: `INCOMING_FRAME`. */
  maxAllowedIncomingFrameSize?: number;
  /** Throws: `MASKS`. */
  maskGenerator?: unknown;
  /** Throws: `COMPRESSION`. Runtimes compress by themselves, or not. */
  compression?: unknown;
  /** Throws: `AUTHENTICATION`. */
  credentials?: unknown;
  /** Throws: `PROXY`. */
  proxy?: unknown;
  /** Throws: `REDIRECTS`. */
  redirects?: number;
}

/**
 * How to find out whether a silent peer is still there. Whatever arrives breaks the silence. When
 * it stays silent, the error is `TimedOut`, and the connection is lost.
 */
export interface KeepAlive {
  /** After so many milliseconds of silence the peer is asked. */
  interval: number;
  /** How many milliseconds the peer may then stay silent. Default: 20 000. */
  limit?: number;
  /** The question, in the application's protocol. */
  probe: string | ArrayBuffer;
  /** Whether a message is the answer. One for each question is not told. */
  isAnswer(message: Received): boolean;
}

/** What an opening handshake carries besides the URL. */
export interface OpenOptions {
  /** The subprotocols on offer; the first is liked best. Default: none. */
  subprotocols?: readonly string[];
  /** Aborts the attempt; a connection that is made is not touched. */
  signal?: AbortSignal;
  /** Headers of the opening handshake. Needs the feature `HEADERS`. */
  headers?: Readonly<Record<string, string>>;
  /** The `Origin` header. Needs the feature `ORIGIN`. */
  origin?: string;
  /** How `wss` trusts and shows itself. Needs the feature `TLS_CONFIG`. */
  tls?: TlsOptions;
}

/** TLS as Node, Deno and Bun take it. */
export interface TlsOptions {
  /** Root certificates to trust, PEM. */
  ca?: string | readonly string[];
  /** The client's certificate, PEM. */
  cert?: string;
  /** The client's private key, PEM. */
  key?: string;
  /** Whether a server that is not trusted is refused. Not in Deno. Default: `true`. */
  rejectUnauthorized?: boolean;
}

/** The type of a property that holds a listener. */
export type Handler<Target, Event> = ((this: Target, event: Event) => unknown) | null;

/** A listener of events that others dispatch. */
type AnyListener = ((event: Event) => unknown) | { handleEvent(event: Event): unknown } | null;

/** `WebAssembly.Module`, where the types of the platform have it. */
type WasmModule = typeof globalThis extends { WebAssembly: { Module: { prototype: infer Module } } }
  ? Module
  : never;

/** What {@link QWebSocket} and {@link ReconnectingWebSocket} have in common. */
interface Signals<Map> extends EventTarget {
  onstateChanged: Handler<this, StateChangedEvent>;
  onconnected: Handler<this, SignalEvent<"connected">>;
  onaboutToClose: Handler<this, SignalEvent<"aboutToClose">>;
  ondisconnected: Handler<this, SignalEvent<"disconnected">>;
  onreadChannelFinished: Handler<this, SignalEvent<"readChannelFinished">>;
  ontextMessageReceived: Handler<this, TextMessageEvent>;
  onbinaryMessageReceived: Handler<this, BinaryMessageEvent>;
  onbytesWritten: Handler<this, BytesWrittenEvent>;
  onerrorOccurred: Handler<this, ErrorOccurredEvent>;
  onpong: Handler<this, PongEvent>;

  addEventListener<Name extends keyof Map>(
    type: Name,
    listener:
      | ((this: this, event: Map[Name]) => unknown)
      | { handleEvent(event: Map[Name]): unknown }
      | null,
    options?: boolean | AddEventListenerOptions,
  ): void;
  addEventListener(
    type: string,
    listener: AnyListener,
    options?: boolean | AddEventListenerOptions,
  ): void;
  removeEventListener<Name extends keyof Map>(
    type: Name,
    listener:
      | ((this: this, event: Map[Name]) => unknown)
      | { handleEvent(event: Map[Name]): unknown }
      | null,
    options?: boolean | EventListenerOptions,
  ): void;
  removeEventListener(
    type: string,
    listener: AnyListener,
    options?: boolean | EventListenerOptions,
  ): void;

  /** The state of the connection. */
  readonly state: State;
  /** Whether messages can be sent and received. */
  readonly isValid: boolean;
  /** The URL of the last {@link QWebSocket.open}, without credentials, as it was understood. */
  readonly requestUrl: string;
  /** Path and query of the request. */
  readonly resourceName: string;
  /** The host's name. */
  readonly peerName: string;
  /** The subprotocol that the server chose, or an empty string. */
  readonly subprotocol: string;
  /** The extensions that the server chose, or an empty string. */
  readonly extensions: string;
  /** Why the connection was closed, by whomever: 1005 without a code, 1006 without a close frame. */
  readonly closeCode: number | undefined;
  /** The reason of {@link closeCode}, or an empty string. */
  readonly closeReason: string;
  /** The last error, until the next connection. */
  readonly error: QWebSocketError | undefined;
  /** Its text, or an empty string. */
  readonly errorString: string;
  /** The version of the protocol. */
  readonly version: 13;
  /** How many bytes wait to be written. */
  readonly bytesToWrite: number;

  /** What works with this runtime and these options. */
  readonly features: readonly Feature[];
  /** Whether a feature works. */
  supports(feature: Feature): boolean;

  /** Resolves when nothing waits to be written, or nothing can be any more. */
  drained(): Promise<void>;
  /**
   * Sends a ping with at most 125 bytes; the event `pong` tells how long its answer took.
   *
   * @throws {@link UnsupportedError} without the feature `PING`, and {@link QWebSocketError}:
   * `InvalidInput` over 125 bytes (RFC 6455 §5.5), `WrongState` when not connected.
   */
  ping(payload?: string | ArrayBufferLike | ArrayBufferView): void;

  /** The same as {@link QWebSocket.close} and {@link QWebSocket.abort} when that is over. */
  [Symbol.dispose](): void;
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * A WebSocket connection with the signals, states and rules of Qt's `QWebSocket`. What Qt sets while
 * a socket lives is an option of the constructor; Qt's `flush()` is {@link QWebSocket.drained}.
 */
export interface QWebSocket extends Signals<QWebSocketEventMap> {
  /**
   * Connects. What is still connected is closed before, with code 1000.
   *
   * The promise resolves when connected. When the attempt fails it rejects with the
   * {@link QWebSocketError} that `errorOccurred` tells, too; when it is given up, with an
   * `AbortError`, or with the reason of the `signal`. Whoever listens to the events need not look
   * at the promise. Only what no event tells, a URL or subprotocol that cannot be used
   * (`InvalidInput`) and what the runtime lacks ({@link UnsupportedError}), is an unhandled
   * rejection then; nothing has changed in that case, and an open connection is not touched.
   *
   * The first call of all loads the WebAssembly; see {@link init}.
   */
  open(url: string | URL, options?: OpenOptions): Promise<void>;

  /**
   * Sends a text and returns its length in bytes (UTF-8).
   *
   * @throws {@link QWebSocketError}: `WrongState` when not connected, `QueueFull` over
   * {@link Options.writeQueue}.
   */
  sendTextMessage(text: string): number;
  /**
   * Sends bytes and returns their number. A `Blob` keeps its place in the order, even where it has
   * to be read first.
   *
   * @throws as {@link sendTextMessage}.
   */
  sendBinaryMessage(data: ArrayBufferLike | ArrayBufferView | Blob): number;

  /**
   * Starts the closing handshake: what was sent goes out, then the close frame. While connecting
   * it gives up like {@link abort}; without a connection it does nothing.
   *
   * @param code 1000 (the default), or 3000 to 4999. Others need the feature `CLOSE_CODES`.
   * @param reason At most 123 bytes; what is longer is cut between characters.
   * @throws {@link QWebSocketError}: `InvalidInput` for a code that must not be sent (RFC 6455
   * §7.4).
   */
  close(code?: number, reason?: string): void;
  /** Ends the connection at once, without a closing handshake; what waits is discarded. */
  abort(): void;

  /**
   * The events from now on, to the end of the connection: after `disconnected` the iterator ends.
   * Without a connection it waits for the next one. Nothing is lost between two steps, and leaving
   * the loop lets go of the socket, which stays open. What is never taken is kept.
   */
  events(): AsyncIterableIterator<QWebSocketEvent> & AsyncDisposable;
  /**
   * The messages from now on, to the end of the connection; as {@link events}. When the connection
   * ended with an error, that is thrown behind the last message.
   */
  messages(): AsyncIterableIterator<Received> & AsyncDisposable;
  /** {@link messages}. */
  [Symbol.asyncIterator](): AsyncIterableIterator<Received> & AsyncDisposable;
}

export const QWebSocket: {
  /**
   * A socket without a connection. Needs no WebAssembly yet.
   *
   * @throws {@link UnsupportedError} for an option that the runtime lacks, and
   * {@link QWebSocketError} `InvalidInput` for one out of its range.
   */
  new (options?: Options): QWebSocket;
  readonly prototype: QWebSocket;
};

/** How a connection, or an attempt at one, ended. */
export interface Ending {
  /** Whether there was a connection, and not only an attempt. */
  readonly wasConnected: boolean;
  /** The error that it ended with, if it did. */
  readonly error: QWebSocketError | undefined;
  /** What the connection was closed with. */
  readonly closeCode: number | undefined;
  readonly closeReason: string;
}

/** Whether to try again: after the usual delay, after a longer one in milliseconds, or no more. */
export type Verdict = "retry" | "giveUp" | { retryAfter: number };

/** What to connect to: a URL, or a URL with what the opening handshake carries besides. */
export type Target = string | URL | ({ url: string | URL } & Omit<OpenOptions, "signal">);

/** How {@link reconnecting} connects again, besides how its socket behaves. */
export interface ReconnectOptions extends Options, Omit<OpenOptions, "signal"> {
  /**
   * The delay before an attempt is anything between 0 and a bound, in milliseconds: this one after
   * the first failure, doubled with each further one. Default: 500.
   */
  firstDelay?: number;
  /** The highest bound of a delay. Default: 30 000. */
  maximumDelay?: number;
  /** How many attempts in a row may lead to no lasting connection, at least 1. Default: any. */
  attempts?: number;
  /** How many milliseconds a connection lasts that ends a row of failures. Default: 10 000. */
  uptime?: number;
  /** Makes the delays the same in each run: a number from 0 to 2³² − 1. Default: they are random. */
  seed?: number;
  /**
   * How many bytes may wait for the next connection, each message with 32 on top. One message
   * always fits. Default: 1 MiB.
   */
  queue?: number;
  /**
   * What happens to a message that does not fit: it is refused with the error `QueueFull`, or the
   * oldest make room and are told as `dropped`. Default: `"refuse"`.
   */
  whenFull?: "refuse" | "dropOldest";
  /**
   * Makes what goes out first on each connection: to log in, to subscribe again. These messages
   * have no number, and none of them is sent on another connection. It may look at the socket, and
   * must not send by it. Default: nothing.
   */
  greeting?: (socket: ReconnectingWebSocket) => Iterable<string | ArrayBuffer | ArrayBufferView>;
  /**
   * Decides whether to try again. `undefined` leaves it to the default, which is to try again
   * after every error but `InvalidInput` and `Unsupported`, and after every close code but 1000,
   * 1002, 1003, 1007 to 1010 and 3000 to 4999.
   */
  decide?: (ending: Ending) => Verdict | undefined;
  /** Gives up for good when it aborts, as {@link ReconnectingWebSocket.abort} does. */
  signal?: AbortSignal;
}

/** An attempt begins. */
export interface AttemptEvent extends Event {
  readonly type: "attempt";
  /** Which one since the last connection that lasted, counted from 1. */
  readonly attempt: number;
}

/** An attempt led to no connection. */
export interface AttemptFailedEvent extends Event {
  readonly type: "attemptFailed";
  readonly error: QWebSocketError | undefined;
}

/** The next attempt waits. */
export interface WaitingEvent extends Event {
  readonly type: "waiting";
  /** Its number. */
  readonly attempt: number;
  /** How many milliseconds it waits. */
  readonly delay: number;
}

/** A connection has ended, by whomever. */
export interface EndedEvent extends Event, Ending {
  readonly type: "ended";
  readonly wasConnected: true;
  readonly error: QWebSocketError | undefined;
  readonly closeCode: number | undefined;
  readonly closeReason: string;
  /**
   * The numbers of the messages that were written, neither acknowledged nor told here before: from
   * the first up to, and without, the second. They have arrived or not, and are not sent again.
   */
  readonly unknown: readonly [from: number, to: number];
}

/** A message made room for a newer one. */
export interface DroppedEvent extends Event {
  readonly type: "dropped";
  readonly number: number;
  readonly message: string | ArrayBuffer | ArrayBufferView | Blob;
}

/** There will be no further attempt. */
export interface GivenUpEvent extends Event {
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
  attempt: AttemptEvent;
  attemptFailed: AttemptFailedEvent;
  waiting: WaitingEvent;
  /** The next attempt waits for {@link ReconnectingWebSocket.setOnline}. */
  offline: SignalEvent<"offline">;
  ended: EndedEvent;
  dropped: DroppedEvent;
  givenUp: GivenUpEvent;
}

/** Any of the events of a connection that comes back; `type` tells which. */
export type ReconnectingEvent = ReconnectingEventMap[keyof ReconnectingEventMap];

/**
 * A connection that comes back; made by {@link reconnecting}.
 *
 * {@link send} accepts a message and hands it to the connection, when there is one. What a
 * connection that ends has not written is sent again on the next one, in its order. What was
 * written may have arrived: it is not sent again, and `ended` tells it as unknown unless it was
 * {@link acknowledge}d. So nothing that was accepted is lost silently, and nothing arrives twice.
 *
 * On `online`, on `pageshow` and when the page becomes visible, an attempt that waits is made at
 * once; on `offline` it waits for the longest delay.
 */
export interface ReconnectingWebSocket extends Signals<ReconnectingEventMap> {
  onattempt: Handler<this, AttemptEvent>;
  onattemptFailed: Handler<this, AttemptFailedEvent>;
  onwaiting: Handler<this, WaitingEvent>;
  onoffline: Handler<this, SignalEvent<"offline">>;
  onended: Handler<this, EndedEvent>;
  ondropped: Handler<this, DroppedEvent>;
  ongivenUp: Handler<this, GivenUpEvent>;

  /**
   * Accepts a message and returns its number, counted from 0. Binary data is not copied: it must
   * stay as it is until it is written.
   *
   * @throws {@link QWebSocketError}: `QueueFull` over {@link ReconnectOptions.queue}, `WrongState`
   * when there will be no further connection.
   */
  send(message: Sendable): number;
  /** The peer has told that it has the messages up to this number. */
  acknowledge(number: number): void;
  /** How many accepted messages are not known to be written. */
  readonly unwritten: number;
  /** Takes the messages back that no connection has, with their numbers. */
  takeUnsent(): [number: number, message: Sendable][];
  /** Makes an attempt that waits now, and begins anew after the end. */
  reconnectNow(): void;
  /** Whether to make attempts. Default: yes. */
  setOnline(online: boolean): void;

  /** Closes the connection, if there is one, and makes no other; as {@link QWebSocket.close}. */
  close(code?: number, reason?: string): void;
  /** As {@link close}, without a closing handshake. */
  abort(): void;

  /** The events from now on; it ends when there will be no further connection. */
  events(): AsyncIterableIterator<ReconnectingEvent> & AsyncDisposable;
  /** The messages from now on, of all connections. */
  messages(): AsyncIterableIterator<Received> & AsyncDisposable;
  /** {@link messages}. */
  [Symbol.asyncIterator](): AsyncIterableIterator<Received> & AsyncDisposable;
}

export const ReconnectingWebSocket: {
  readonly prototype: ReconnectingWebSocket;
};

/**
 * Connects, and connects again when the connection is lost.
 *
 * ```js
 * const socket = reconnecting("wss://example.com/", { greeting: () => ["subscribe news"] });
 * socket.send("queued until there is a connection");
 * for await (const message of socket) console.log(message);
 * ```
 *
 * @param target What to connect to, or a function that is asked before each attempt, whose number
 * it gets: URL and subprotocols may be fresh ones. What it throws is an attempt that failed.
 * @throws as the constructor of {@link QWebSocket}.
 */
export function reconnecting(
  target: Target | ((attempt: number) => Target | Promise<Target>),
  options?: ReconnectOptions,
): ReconnectingWebSocket;

/**
 * Loads the WebAssembly, once. The first connection does so by itself; this is for those who must
 * say where it is (a bundler that does not find it, a service worker, a strict content security
 * policy), or who want it loaded before.
 *
 * @param source Where it is, its bytes, or the compiled module. Default: beside this package's
 * code.
 */
export function init(
  source?:
    string | URL | Request | Response | ArrayBuffer | ArrayBufferView<ArrayBuffer> | WasmModule,
): Promise<void>;

/** What works in this runtime without options: the features of a `new QWebSocket()`. */
export const features: readonly Feature[];

// What is not exported above is not for others.
export {};
