// One connection: takes the core's events, in their order, to whoever listens.

import type { Message } from "../border/convert.js";
import { Pace } from "../border/alarm.js";
import { QUEUED, TOLD_NOW, type Link, type Request } from "../border/link.js";
import { type End, NO_END, type Parcel } from "../border/instance.js";
import type { Linked } from "../border/linked.js";
import { type Converted, requireFeatures } from "../border/options.js";
import { notConnected, type QWebSocketError } from "../errors.js";
import { Signal } from "../events/signal.js";
import { Fifo } from "../fifo.js";
import { SIGNALS } from "../names.js";
import type { Runtime } from "../runtimes/runtime.js";
import { select } from "../runtimes/select.js";
import { Wire, type WireEvents } from "../runtimes/wire.js";
import { soon } from "../tasks.js";
import type { Ending, Feature, KeepAlive, Received, State, WebSocketClass } from "../types.js";
import { joined } from "../runtimes/headers.js";
import { CARRIED } from "./carried.js";
import { Delivery } from "./delivery.js";
import { Inbox } from "./inbox.js";
import { logged } from "./log.js";
import type { Owner, Told } from "./owner.js";

/** How long an end may take that nobody waits for, in milliseconds, where no limit is set. */
const PATIENCE = 3_000;

export class Engine implements Linked, WireEvents {
  readonly features: readonly Feature[];
  readonly delivery: Delivery;
  readonly options: Converted;
  error: QWebSocketError | undefined;
  /** The core's part of the connection, while there is one. */
  link: Link | undefined;
  /** The last connection's socket. */
  wire: Wire | undefined;
  readonly pace: Pace = new Pace(() => this.wire?.bufferedAmount ?? 0);
  readonly #owner: Owner;
  readonly #runtime: Runtime;
  /** What the next connection is made with. */
  #request: Request | undefined;
  readonly #inbox: Inbox;
  /** The payloads of the pongs that the core has in its queue. */
  #pongs: Fifo<Uint8Array> | undefined;
  #drains: (() => void)[] = [];
  #isPumping = false;
  /** While it pumps. */
  #isCalled = false;
  /** Messages wait until the task after `connected`; there may be somebody then who hears them. */
  #isHeld = false;
  /** Nothing is told yet: there is nobody yet who could listen. */
  isAsleep = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #last = NO_END;
  /** The last state that was told, for the time when the core cannot be asked. */
  #state: State = "unconnected";
  #resumedAt = -Infinity;

  constructor(owner: Owner, options: Converted) {
    this.#owner = owner;
    this.options = options;
    const { webSocket, stream, bestEffort } = options;
    this.#runtime = select(webSocket as WebSocketClass | undefined, Boolean(stream));
    const willing = (bestEffort ?? []) as Feature[];
    this.features = this.#runtime.features;
    requireFeatures(options, this.features, willing);
    this.delivery = new Delivery(() => this.#regulate());
    this.#inbox = new Inbox(options);
  }

  /** Throws for what a request needs and this runtime lacks. */
  check(request: Converted): void {
    requireFeatures(request, this.features, (this.options["bestEffort"] ?? []) as Feature[]);
  }

  open(url: string, request: Request): void {
    const isNew = !this.link;
    const link = (this.link ??= this.begin());
    this.#release();
    this.#request = request;
    try {
      link.open(url, request);
    } catch (error) {
      if (isNew) {
        link.free();
        this.link = undefined;
      }
      throw error;
    }
    this.pump();
  }

  /** Makes the core's part. */
  begin(): Link {
    this.delivery.begin();
    return (this.link = this.#owner.link(this));
  }

  /** What the connection that is asked for is made with. */
  prepare(request: Request): void {
    this.#request = request;
  }

  send(payload: Message): number {
    const link = this.link ?? notConnected();
    const sent = link.send(payload, this.wire);
    this.pace.restart();
    return sent;
  }

  ping(payload: Uint8Array): void {
    (this.link ?? notConnected()).ping(payload);
  }

  close(code: number, reason: string): void {
    this.#release();
    this.link?.close(code, reason);
  }

  abort(): void {
    this.#release();
    this.link?.abort();
  }

  /** Resolves when nothing waits to be written. */
  drained(): Promise<void> {
    if (this.#isFlushed()) {
      return Promise.resolve();
    }
    return new Promise((resolve) => this.#drains.push(resolve));
  }

  get state(): State {
    return this.link?.state ?? "unconnected";
  }
  /** Why the connection was closed. */
  get end(): End {
    return this.link?.end ?? this.#last;
  }
  get bytesToWrite(): number {
    return this.link?.buffered ?? 0;
  }

  catchUp(): void {
    this.link?.catchUp();
  }

  /** For the core: there is something to take. */
  pump(): void {
    this.#isCalled = this.#isPumping;
    if (this.#isPumping || this.#isHeld || this.isAsleep) {
      return;
    }
    this.#isPumping = true;
    let next = 0;
    while (this.link && !this.#isHeld && (next = this.link.next()) > 0) {
      this.#take(SIGNALS[next % 32] as string, Math.floor(next / 32));
    }
    this.#isPumping = false;
    if (next < 0) {
      this.#unlink();
    }
    if (this.#drains.length && this.#isFlushed()) {
      this.#drains.splice(0).forEach((resolve) => resolve());
    }
  }

  /** For the core: it wants to be asked again then. */
  wait(ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.pump(), ms);
  }

  rest(): number {
    const { limit = 20_000 } = (this.options["keepAlive"] ?? {}) as Partial<KeepAlive>;
    const read = this.wire?.isPaused ? 0 : performance.now() - this.#resumedAt;
    return limit - read;
  }

  ask(attempt: number): void {
    this.#owner.ask?.(attempt);
  }
  greet(): Message[] {
    return this.#owner.greet?.() ?? [];
  }
  decide(ending: Ending): number {
    return this.#owner.decide?.(ending) ?? NaN;
  }
  refused(parcel: Parcel, reason: unknown): void {
    this.#owner.refused?.(parcel, reason);
  }

  connect(url: string): Wire {
    const { subprotocols = [], headers = [], origin, tls } = this.#request ?? {};
    const all = joined(headers);
    if (origin !== undefined) {
      all["Origin"] = origin;
    }
    const limit = (this.options["maxAllowedIncomingMessageSize"] ?? 2 ** 31 - 2) as number;
    const connecting = { url, subprotocols, headers: all, tls, limit };
    const { counts, copies } = this.#runtime;
    const { probe } = (this.options["keepAlive"] ?? {}) as Partial<KeepAlive>;
    const patience = Math.min((this.options["closeTimeout"] ?? PATIENCE) as number, PATIENCE);
    const options = { counts, copies, probe: probe as Message | undefined, patience };
    return (this.wire = new Wire(this.#runtime.connect(connecting), options, this));
  }

  // Of a wire: the core releases one before it has another.
  opened(): void {
    this.link?.opened();
  }
  failing(why: string): void {
    this.link?.failing(why);
  }
  ended(wasClean: boolean, code: number, reason: string): void {
    this.link?.ended(wasClean, code, reason);
  }
  ponged(payload: Uint8Array): void {
    (this.#pongs ??= new Fifo()).push(payload);
    this.link?.ponged(payload);
  }
  unsendable(message: Message, why: unknown): boolean {
    const parcel = this.link?.parcelOf?.(message);
    if (parcel) {
      this.refused(parcel, why);
    }
    return parcel !== undefined;
  }

  received(data: Received, length: number = this.#inbox.measure(data)): void {
    const { link, delivery } = this;
    if (!link || link.instance.isBusy) {
      link?.instance.later(() => this.received(data, length));
      return;
    }
    const waiting = delivery.backlog;
    const canBeTold = !this.#isPumping && !this.#isHeld;
    // What follows from it is told behind it.
    this.#isPumping ||= canBeTold;
    this.#isCalled &&= !canBeTold;
    const isClear = canBeTold && link.onlyTells && this.#inbox.fits(length, waiting);
    if (isClear || this.#admit(link, data, length, waiting, canBeTold)) {
      delivery.message(data, length);
    }
    if (canBeTold) {
      this.#isPumping = false;
      if (this.#isCalled) {
        this.pump();
      }
    }
    if (delivery.hasFeeds) {
      this.#regulate();
    }
    this.pace.see();
  }

  /** Asks the core; whether the message is told now. */
  #admit(link: Link, data: Received, length: number, waiting: number, canBeTold: boolean): boolean {
    const { arrived } = this.#inbox;
    const isAnswer = this.#inbox.isAnswer(data);
    arrived.push(data);
    const fate = link.received(length, isAnswer, waiting, canBeTold);
    if (fate != QUEUED) {
      arrived.pop();
    }
    return fate == TOLD_NOW;
  }

  #takeMessage(): void {
    const message = this.#inbox.arrived.shift() as Received;
    this.delivery.message(message, this.delivery.hasFeeds ? this.#inbox.measure(message) : 0);
  }

  #take(type: string, value: number): void {
    if (type == "message") {
      this.#takeMessage();
      return;
    }
    const link = this.link as Link;
    const signal: Told & Signal = new Signal(this.delivery.target, type);
    const carried = type in CARRIED ? CARRIED[type]?.(value, link) : undefined;
    Object.assign(signal, carried ?? this.#owner.carried?.(type, link));
    if (type == "pong") {
      Object.assign(signal, { payload: this.#pongs?.shift() });
    }
    this.tell(signal);
    if (type == "connected") {
      this.#hold();
    }
  }

  /** Tells an event, whoever it comes from. */
  tell(signal: Told & Signal): void {
    const { type, state } = signal;
    if (state) {
      this.#state = state;
    }
    if (type == "errorOccurred") {
      this.error = signal.error;
    } else if (state == "connecting") {
      this.error = undefined;
    }
    this.#owner.heard?.(signal);
    logged(this, signal);
    this.delivery.event(signal);
  }

  #hold(): void {
    this.#isHeld = true;
    const { link } = this;
    soon(() => {
      if (this.link == link) {
        this.#release();
      }
    });
  }

  #release(): void {
    if (this.#isHeld) {
      this.#isHeld = false;
      this.pump();
    }
  }

  /** Stops reading where too much waits. */
  #regulate(): void {
    const size = this.options["readBufferSize"] as number | undefined;
    const { wire } = this;
    if (size && wire && this.features.includes("READ_BUFFER")) {
      const isFull = this.delivery.backlog >= size;
      if (isFull && !wire.isPaused) {
        wire.pause();
      } else if (!isFull && wire.isPaused) {
        this.#resumedAt = performance.now();
        wire.resume();
      }
    }
  }

  #isFlushed(): boolean {
    return this.link?.isFlushed ?? true;
  }

  #unlink(): void {
    const link = this.link as Link;
    this.#owner.left?.(link);
    this.#last = link.end;
    this.#forget();
    // It may be what called us.
    queueMicrotask(() => link.free());
  }

  #forget(): void {
    this.link = undefined;
    this.#isHeld = false;
    this.#state = "unconnected";
    clearTimeout(this.#timer);
    this.delivery.end(this.error);
  }

  died(error: QWebSocketError): void {
    const { link } = this;
    if (!link) {
      return;
    }
    const state = this.#state;
    this.wire?.release();
    this.wire?.terminate();
    while (this.#inbox.arrived.length) {
      this.#takeMessage();
    }
    this.#tellEnd(state, error);
    this.#last = { ...NO_END, closeCode: state == "unconnected" ? undefined : 1006 };
    if (this.#owner.died) {
      this.link = undefined;
      this.#isHeld = false;
      this.#owner.died(link, error);
    } else {
      this.#forget();
    }
    this.#drains.splice(0).forEach((resolve) => resolve());
  }

  /** In the order of a connection that is lost, without its core. */
  #tellEnd(state: State, error: QWebSocketError): void {
    if (state == "unconnected") {
      return;
    }
    const told = (type: string, carried: object = {}) =>
      this.tell(Object.assign(new Signal(this.delivery.target, type), carried));
    told("errorOccurred", { error });
    told("stateChanged", { state: "unconnected" });
    if (state != "connecting") {
      told("readChannelFinished");
    }
    told("disconnected");
  }
}
