// What a socket and a connection that comes back have in common.

import { bytes } from "../border/convert.js";
import type { Engine } from "../engine/engine.js";
import { SignalTarget } from "../events/target.js";
import type { QWebSocketError } from "../errors.js";
import { signalTypes } from "../names.js";
import type {
  BinaryMessageEvent,
  BytesWrittenEvent,
  ErrorOccurredEvent,
  Feature,
  Handler,
  PongEvent,
  Received,
  SignalEvent,
  State,
  StateChangedEvent,
  TextMessageEvent,
} from "../types.js";

/** The longest payload of a ping (RFC 6455 §5.5). */
const PING = 125;

/** An async iterator, which can be left by `await using`, where the platform knows that. */
export type Iterator<T> = AsyncIterableIterator<T> & AsyncDisposable;

/** What a socket and a connection that comes back have in common. */
export abstract class Endpoint<Map extends object> extends SignalTarget<Map> {
  readonly #engine: Engine;

  /** @internal */
  constructor(engine: Engine) {
    super(engine.delivery.listeners);
    this.#engine = engine;
    engine.delivery.target = this;
    prepare();
  }

  /** The state of the connection. */
  get state(): State {
    return this.#engine.state;
  }
  /** Whether messages can be sent and received. */
  get isValid(): boolean {
    return this.state == "connected";
  }
  /** Why the connection was closed, by whomever: 1005 without a code, 1006 without a close frame. */
  get closeCode(): number | undefined {
    return this.#engine.end.closeCode;
  }
  /** The reason of {@link closeCode}, or an empty string. */
  get closeReason(): string {
    return this.#engine.end.closeReason;
  }
  /**
   * The code of the peer's own close frame, 1005 for one without a code; `undefined` while none has
   * arrived, and when the connection ended without one.
   */
  get peerCloseCode(): number | undefined {
    return this.#engine.end.peerCloseCode;
  }
  /** The reason of {@link peerCloseCode}, or an empty string. */
  get peerCloseReason(): string {
    return this.#engine.end.peerCloseReason;
  }
  /** The URL of the last connection, without credentials, as it was understood. */
  get requestUrl(): string {
    return this.#engine.wire?.url ?? "";
  }
  /** Path and query of the request. */
  get resourceName(): string {
    const url = parsed(this.requestUrl);
    return url ? url.pathname + url.search : "";
  }
  /** The host's name; of an IPv6 address without its brackets. */
  get peerName(): string {
    return parsed(this.requestUrl)?.hostname.replace(/^\[|]$/g, "") ?? "";
  }
  /** The subprotocol that the server chose, or an empty string. */
  get subprotocol(): string {
    return this.#engine.wire?.protocol ?? "";
  }
  /** The extensions that the server chose, or an empty string. */
  get extensions(): string {
    return this.#engine.wire?.extensions ?? "";
  }
  /** The last error, until the next connection. */
  get error(): QWebSocketError | undefined {
    return this.#engine.error;
  }
  /** Its text, or an empty string. */
  get errorString(): string {
    return this.error?.message ?? "";
  }
  /** The version of the protocol. */
  get version(): 13 {
    return 13;
  }
  /** How many bytes wait to be written. */
  get bytesToWrite(): number {
    return this.#engine.bytesToWrite;
  }
  /** What works with this runtime and these options. */
  get features(): readonly Feature[] {
    return this.#engine.features;
  }

  /** Whether a feature works. */
  supports(feature: Feature): boolean {
    return this.features.includes(feature);
  }
  /** Resolves when nothing waits to be written, or nothing can be any more. */
  drained(): Promise<void> {
    return this.#engine.drained();
  }
  /**
   * Sends a ping with at most 125 bytes; the event `pong` tells how long its answer took.
   *
   * @throws {@link UnsupportedError} without the feature `PING`, and {@link QWebSocketError}:
   * `InvalidInput` over 125 bytes (RFC 6455 §5.5), `WrongState` when not connected.
   */
  ping(payload?: string | ArrayBufferLike | ArrayBufferView): void {
    this.#engine.ping(bytes(payload, PING));
  }

  /** @internal */
  protected feed(kind: "events" | "messages"): unknown {
    return this.#engine.delivery[kind]();
  }
  /**
   * The messages from now on, to the end of the connection: after `disconnected` the iterator ends,
   * and when the connection ended with an error, that is thrown behind the last message. Without a
   * connection it waits for the next one. Nothing is lost between two steps; leaving the loop lets
   * go of the socket, which stays open, and leaves what waits to the next iterator.
   */
  messages(): Iterator<Received> {
    return this.feed("messages") as Iterator<Received>;
  }
  /** {@link messages}. */
  [Symbol.asyncIterator](): Iterator<Received> {
    return this.messages();
  }

  /** Starts the closing handshake. Throws nothing without a code. */
  abstract close(): void;
  /** The events from now on. */
  abstract events(): Iterator<Event>;

  /** Called with each new {@link state}. */
  declare onstateChanged: Handler<this, StateChangedEvent>;
  /** Called when messages can be sent. */
  declare onconnected: Handler<this, SignalEvent<"connected">>;
  /** Called when the connection is about to close: for a last message. */
  declare onaboutToClose: Handler<this, SignalEvent<"aboutToClose">>;
  /** Called when the connection is gone, or could not be made. */
  declare ondisconnected: Handler<this, SignalEvent<"disconnected">>;
  /** Called when nothing more will be received. */
  declare onreadChannelFinished: Handler<this, SignalEvent<"readChannelFinished">>;
  /** Called with each text message. */
  declare ontextMessageReceived: Handler<this, TextMessageEvent>;
  /** Called with each binary message. */
  declare onbinaryMessageReceived: Handler<this, BinaryMessageEvent>;
  /** Called when bytes of messages have left the runtime's buffer. */
  declare onbytesWritten: Handler<this, BytesWrittenEvent>;
  /** Called with each {@link error}. */
  declare onerrorOccurred: Handler<this, ErrorOccurredEvent>;
  /** Called with each pong. Needs the feature `PING`. */
  declare onpong: Handler<this, PongEvent>;
}

/** {@link Endpoint} is disposable, where the platform knows what that is. */
export interface Endpoint<Map extends object> extends Disposable, AsyncDisposable {
  // Only so that both declarations have the same parameter.
  readonly [events]?: Map;
}
declare const events: unique symbol;

function parsed(url: string): URL | undefined {
  try {
    return new URL(url);
  } catch {
    // A class that has no `url`, or tells it late.
    return undefined;
  }
}

/** What the platform's class has, and what is here instead. */
const ELSEWHERE = {
  onopen: "onconnected",
  onmessage: "ontextMessageReceived and onbinaryMessageReceived",
  onclose: "ondisconnected",
  onerror: "onerrorOccurred",
};

// Before the first socket, and not at import.
function prepare(): void {
  const { prototype } = Endpoint;
  if ("onopen" in prototype) {
    return;
  }
  SignalTarget.define(prototype, signalTypes(false));
  for (const [name, here] of Object.entries(ELSEWHERE)) {
    const set = () => {
      throw new TypeError(`there is no ${name}: use ${here}`);
    };
    Object.defineProperty(prototype, name, { set, configurable: true });
  }
  if (Symbol.dispose && !(Symbol.dispose in prototype)) {
    const define = (symbol: symbol, value: (this: Endpoint<object>) => unknown) =>
      Object.defineProperty(prototype, symbol, { value, configurable: true });
    define(Symbol.dispose, function () {
      this.close();
    });
    define(Symbol.asyncDispose, async function () {
      const events = this.events();
      this.close();
      if (this.state != "unconnected") {
        for await (const _ of events);
      }
      void events.return?.();
    });
  }
}
