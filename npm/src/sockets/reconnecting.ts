// `ReconnectingWebSocket` and `reconnecting`, which makes it.

import { closeCode, closeReason, count, flag } from "../border/convert.js";
import { reconnectOptions } from "../border/options.js";
import type { CoreCode } from "../core/contract.js";
import { SignalTarget } from "../events/target.js";
import { signalTypes } from "../names.js";
import type {
  AttemptEvent,
  AttemptFailedEvent,
  DroppedEvent,
  EndedEvent,
  GivenUpEvent,
  Handler,
  ReconnectingEvent,
  ReconnectingEventMap,
  Sendable,
  SignalEvent,
  WaitingEvent,
} from "../types.js";
import { Comeback } from "./comeback.js";
import { Endpoint, type Iterator } from "./endpoint.js";
import type { ReconnectOptions, TargetSource } from "./reconnect_options.js";

/** A connection is made by `reconnecting` only. */
const ours: WeakSet<Comeback> = /* @__PURE__ */ new WeakSet();

/**
 * A connection that comes back; made by {@link reconnecting}.
 *
 * {@link send} accepts a message and hands it to the connection, when there is one. What a
 * connection that ends has not written is sent again on the next one, in its order. What was
 * written may have arrived: it is not sent again, and `ended` tells it as unknown unless it was
 * {@link acknowledge}d, or told as `dropped`. So nothing that was accepted is lost silently, and
 * nothing arrives twice.
 *
 * On `online`, `pageshow`, `resume` and when the page becomes visible, an attempt that waits is made
 * at once: at most one in a second, and none that waits because `decide` has said how long. On
 * `offline` it waits for the longest delay.
 */
export class ReconnectingWebSocket extends Endpoint<ReconnectingEventMap> {
  /** The same in every copy of the package, and when the code is minified. */
  static override readonly name: string = "ReconnectingWebSocket";
  readonly #comeback: Comeback;

  private constructor(comeback: Comeback) {
    if (!ours.has(comeback)) {
      throw new TypeError("Illegal constructor");
    }
    super(comeback.engine);
    SignalTarget.define(ReconnectingWebSocket.prototype, signalTypes(true));
    this.#comeback = comeback;
  }

  /** @internal */
  static over(comeback: Comeback): ReconnectingWebSocket {
    ours.add(comeback);
    return new ReconnectingWebSocket(comeback);
  }

  /**
   * Accepts a message and returns its number, counted from 0. Binary data is not copied: it must
   * stay as it is until it is written. What the runtime then refuses is told as `dropped`.
   *
   * @throws {@link QWebSocketError}: `QueueFull` over {@link ReconnectOptions.queue}, `WrongState`
   * when there will be no further connection; `TypeError` for what is no message.
   */
  send(message: Sendable): number {
    return this.#comeback.send(message);
  }
  /**
   * The peer has told that it has the messages up to this number, which is at least 0.
   *
   * @throws `TypeError` for what is no such number.
   */
  acknowledge(number: number): void {
    this.#comeback.acknowledge(count(number, "number"));
  }
  /** How many accepted messages are not known to be written. */
  get unwritten(): number {
    return this.#comeback.unwritten;
  }
  /** Takes the messages back that no connection has, with their numbers. */
  takeUnsent(): [number: number, message: Sendable][] {
    return this.#comeback.takeUnsent();
  }
  /**
   * Makes an attempt that waits now, begins anew after the end, and what is `paused` for the first time.
   *
   * @throws {@link QWebSocketError} `Unsupported` where there is no WebAssembly.
   */
  reconnectNow(): void {
    this.#comeback.reconnectNow();
  }
  /**
   * Whether to make attempts.
   *
   * @throws as {@link reconnectNow}, when it is the first to be called of what is `paused`.
   * @default true
   */
  setOnline(online: boolean): void {
    this.#comeback.setOnline(flag(online));
  }

  /**
   * Closes the connection, if there is one, and makes no other; as {@link QWebSocket.close}. After
   * the end it does nothing.
   *
   * @throws as that one.
   */
  override close(code: number = 1000, reason: string = ""): void {
    this.#comeback.close(closeCode(code), closeReason(reason));
  }
  /** As {@link close}, without a closing handshake. */
  abort(): void {
    this.#comeback.abort();
  }

  /** The events from now on; it ends when there will be no further connection. */
  override events(): Iterator<ReconnectingEvent> {
    return this.feed("events") as Iterator<ReconnectingEvent>;
  }

  /** Called when an attempt begins. */
  declare onattempt: Handler<this, AttemptEvent>;
  /** Called when it led to no connection. */
  declare onattemptFailed: Handler<this, AttemptFailedEvent>;
  /** Called when the next attempt begins to wait. */
  declare onwaiting: Handler<this, WaitingEvent>;
  /** Called when the next attempt waits for {@link setOnline}. */
  declare onoffline: Handler<this, SignalEvent<"offline">>;
  /** Called when a connection has ended, with what may have been lost. */
  declare onended: Handler<this, EndedEvent>;
  /** Called with each accepted message that will not be sent. */
  declare ondropped: Handler<this, DroppedEvent>;
  /** Called when there will be no further attempt. */
  declare ongivenUp: Handler<this, GivenUpEvent>;
}

/**
 * `reconnecting` of the package, over this core.
 *
 * @internal
 */
export function reconnectingOver(
  code: CoreCode,
): (target: TargetSource, options?: ReconnectOptions) => ReconnectingWebSocket {
  return (target, options) => {
    const comeback = new Comeback(code, target, reconnectOptions(options));
    const socket = ReconnectingWebSocket.over(comeback);
    comeback.start();
    return socket;
  };
}
