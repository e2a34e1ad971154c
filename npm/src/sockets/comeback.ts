// How a connection comes back: what the core asks the application, what it has queued, its end.

import { isUrl, message as toMessage, show, text, type Message } from "../border/convert.js";
import { NO_END, type Parcel } from "../border/instance.js";
import type { Link } from "../border/link.js";
import type { Linked } from "../border/linked.js";
import { targetOptions, type Converted } from "../border/options.js";
import { Command, GIVE_UP, IMMEDIATELY, ReconnectLink, RETRY } from "../border/reconnect_link.js";
import type { CoreCode } from "../core/contract.js";
import { Engine } from "../engine/engine.js";
import type { Owner, Told } from "../engine/owner.js";
import { QWebSocketError, report, tame } from "../errors.js";
import { whenAborted } from "../events/aborting.js";
import { Signal } from "../events/signal.js";
import type { Ending, Sendable } from "../types.js";
import { requestOf } from "./attempts.js";
import { Hints } from "./hints.js";

/** A life of the core that is shorter than this counts, in milliseconds, and so many of them end it. */
const SHORT_LIFE = 1_000;
const SHORT_LIVES = 3;

/** Until somebody calls `reconnectNow`. */
const FOREVER = Number.MAX_SAFE_INTEGER;

type Ask = (attempt: number) => unknown;
type Unsent = [number: number, message: Sendable];

export class Comeback implements Owner {
  readonly engine: Engine;
  readonly #code: CoreCode;
  readonly #target: unknown;
  readonly #hints: Hints;
  /** What the core has not any more, with its numbers. */
  #unsent: Unsent[] = [];
  /** The number of the next message, and of the first that is not acknowledged. */
  #next = 0;
  #settled = 0;
  /** Why there is no request. */
  #refusal: unknown;
  /** Which answer of the target is awaited. */
  #asked = 0;
  /** Whether the next attempt waits because it was told so. */
  #isToldToWait = false;
  #begunAt = 0;
  #shortLives = 0;
  /** Whether it begins with `reconnectNow` only; the engine is asleep until then. */
  #isPaused: boolean;
  /** What its signal calls, and how to let go of that. */
  readonly #aborted = (): void => this.abort();
  #unsubscribe: (() => void) | undefined;

  constructor(code: CoreCode, target: unknown, options: Converted) {
    this.#code = code;
    this.#target = target;
    this.engine = new Engine(this, options);
    this.engine.isAsleep = true;
    this.#isPaused = options["paused"] === true;
    this.#hints = new Hints((hint) => this.#hinted(hint));
    this.#subscribe();
  }

  get #link(): ReconnectLink | undefined {
    return this.engine.link as ReconnectLink | undefined;
  }

  get #signal(): AbortSignal | undefined {
    return this.engine.options["signal"] as AbortSignal | undefined;
  }

  /** Begins, unless it is paused; events are told when there is somebody who listens. */
  start(): void {
    if (!this.#isPaused) {
      this.begin();
    }
    queueMicrotask(() => {
      if (this.#signal?.aborted) {
        this.abort();
      }
      this.#wake();
    });
  }

  #wake(): void {
    if (!this.#isPaused) {
      this.engine.isAsleep = false;
      this.engine.pump();
    }
  }

  /** Begins, from the first attempt. */
  begin(): void {
    this.engine.begin();
    this.#begunAt = performance.now();
    this.#hints.listen();
    this.#subscribe();
    const unsent = this.#unsent.splice(0);
    for (const [, message] of unsent) {
      this.#link?.push(message as Message);
    }
  }

  link(linked: Linked): Link {
    const { options, features } = this.engine;
    const first = this.#next - this.#unsent.length;
    return new ReconnectLink(linked, options, features, this.#code, first);
  }

  send(message: unknown): number {
    const converted = toMessage(message);
    this.#prepare();
    if (!this.#link) {
      throw new QWebSocketError("WrongState", "there will be no further connection");
    }
    const number = this.#call((link) => link.push(converted), 0);
    this.engine.pace.restart();
    this.#next = number + 1;
    return number;
  }

  acknowledge(number: number): void {
    this.#settled = Math.max(this.#settled, Math.min(number + 1, this.#next));
    this.#call((link) => link.command(Command.acknowledge, number), 0);
  }

  get unwritten(): number {
    return this.#link ? this.#link.command(Command.unwritten) : this.#unsent.length;
  }

  takeUnsent(): Unsent[] {
    return this.#link ? this.#link.takeUnsent() : this.#unsent.splice(0);
  }

  reconnectNow(): void {
    if (this.#link && !this.#isPaused) {
      this.#call((link) => link.command(Command.reconnectNow), 0);
    } else {
      if (!this.#link) {
        this.begin();
      }
      this.#resume();
    }
  }

  close(code: number, reason: string): void {
    this.engine.close(code, reason);
    this.#end();
  }

  abort(): void {
    this.engine.abort();
    this.#end();
  }

  /** What has not begun has no core that would tell. */
  #end(): void {
    if (!this.#link) {
      this.#over();
    }
    this.#resume();
  }

  #resume(): void {
    if (this.#isPaused) {
      this.#isPaused = false;
      this.#wake();
    } else {
      this.engine.pump();
    }
  }

  /** What is paused has no core before it needs one. */
  #prepare(): void {
    if (this.#isPaused && !this.#link) {
      this.begin();
    }
  }

  setOnline(isOnline: boolean): void {
    this.#prepare();
    this.#call((link) => link.command(Command.setOnline, Number(isOnline)), 0);
  }

  /** After the end there is nothing to be told. */
  #call<R>(call: (link: ReconnectLink) => R, otherwise: R): R {
    const link = this.#link;
    if (!link) {
      return otherwise;
    }
    try {
      return call(link);
    } finally {
      this.engine.pump();
    }
  }

  /** The platform only hints: an application that has said how long to wait knows better. */
  #hinted(hint: number): void {
    if (!this.#isToldToWait || hint == Command.offline) {
      this.#call((link) => link.command(hint), 0);
    }
  }

  carried(type: string, link: Link): object | undefined {
    const { first, second, carried, instance } = link as ReconnectLink;
    switch (type) {
      case "attempt":
        this.#isToldToWait = false;
        return { attempt: first };
      case "attemptFailed":
        return { error: this.#explained(carried) };
      case "waiting":
        return { attempt: first, delay: second };
      case "ended": {
        const unknown = [first, second];
        return { ...link.end, wasConnected: true, error: link.error, unknown };
      }
      case "dropped": {
        const message = instance.parcels.get(second)?.message;
        return { number: first, message, reason: undefined };
      }
      case "givenUp":
        return { attempts: first };
      default:
        return undefined;
    }
  }

  #explained(error: QWebSocketError | undefined): QWebSocketError | undefined {
    if (error && this.#refusal !== undefined) {
      error.cause = this.#refusal;
    }
    this.#refusal = undefined;
    return error;
  }

  ask(attempt: number): void {
    const asked = ++this.#asked;
    const link = this.#link;
    // Not from within the core.
    void Promise.resolve()
      .then(() => this.#answer(attempt))
      .then(
        ({ url, request }) =>
          () => {
            this.engine.prepare(requestOf(request));
            link?.answer(url, requestOf(request));
          },
        (thrown: unknown) => () => {
          const error = (this.#refusal = tame(thrown));
          const { kind } = Object(error) as { kind?: unknown };
          const isHopeless = kind == "InvalidInput" || kind == "Unsupported" || isMistake(error);
          link?.refuse(isHopeless, error);
        },
      )
      .then((answer) => {
        // Whoever has ended it meanwhile, or asked again, does not wait for this one.
        if (asked == this.#asked && link == this.#link) {
          answer();
          this.engine.pump();
        }
      });
  }

  async #answer(attempt: number): Promise<{ url: string; request: Converted }> {
    const target = this.#target;
    const made = typeof target == "function" ? await (target as Ask)(attempt) : target;
    const isRequest = typeof made == "object" && made !== null && !isUrl(made);
    if (made === undefined || made === null) {
      throw new TypeError(`the target is ${show(made)}, which is no URL`);
    }
    const { url, ...request } = isRequest ? targetOptions(made) : { url: text(made) };
    if (url === undefined) {
      throw new TypeError("the target has no url");
    }
    const all = { ...this.engine.options, ...request };
    this.engine.check(all);
    return { url: url as string, request: all };
  }

  greet(): Message[] {
    const { greeting } = this.engine.options;
    const made = greeting ? (greeting as Ask)(this.engine.delivery.target as never) : undefined;
    if (made === undefined || made === null) {
      return [];
    }
    const isSeveral =
      typeof made == "object" && Symbol.iterator in made && !ArrayBuffer.isView(made);
    return isSeveral ? Array.from(made as Iterable<unknown>, toMessage) : [toMessage(made)];
  }

  decide(ending: Ending): number {
    const { decide } = this.engine.options as { decide?: (ending: Ending) => unknown };
    const verdict = decide?.(ending);
    this.#isToldToWait = false;
    if (verdict === undefined) {
      return NaN;
    }
    if (verdict == "retry" || verdict == "giveUp") {
      return verdict == "retry" ? RETRY : GIVE_UP;
    }
    const { retryAfter } = Object(verdict) as { retryAfter?: unknown };
    const ms = typeof retryAfter == "number" ? retryAfter : NaN;
    if (Number.isNaN(ms)) {
      throw new TypeError(`decide answers ${show(verdict)}, which is no verdict`);
    }
    this.#isToldToWait = true;
    return ms > 0 ? Math.min(ms, FOREVER) : IMMEDIATELY;
  }

  refused({ message, number }: Parcel, reason: unknown): void {
    if (number === undefined) {
      report(reason);
    } else {
      this.#tell("dropped", { number, message, reason });
    }
  }

  left(link: Link): void {
    this.#unsent = (link as ReconnectLink).takeUnsent();
    this.#over();
  }

  #over(): void {
    this.#asked++;
    this.#hints.stop();
    this.#unsubscribe?.();
    this.#unsubscribe = undefined;
  }

  #subscribe(): void {
    const signal = this.#signal;
    if (signal) {
      this.#unsubscribe ??= whenAborted(signal, this.#aborted);
    }
  }

  /**
   * What the runtime has may have arrived; all else goes out by a new instance. Messages whose
   * number is told as unknown are not sent again.
   */
  died(dead: Link, error: QWebSocketError): void {
    const survivors = (dead as ReconnectLink).survivors;
    const handedOver = survivors.find(({ isHandedOver }) => isHandedOver);
    this.#unsent = survivors
      .filter(({ isHandedOver }) => !isHandedOver)
      .map(({ number, message }) => [number as number, message]);
    const to = this.#next - this.#unsent.length;
    const from = Math.max(this.#settled, handedOver?.number ?? to);
    const end = { ...NO_END, error, closeCode: 1006 };
    this.#tell("ended", { ...end, wasConnected: true, unknown: [Math.min(from, to), to] });
    const isShort = performance.now() - this.#begunAt < SHORT_LIFE;
    this.#shortLives = isShort ? this.#shortLives + 1 : 0;
    if (this.#shortLives < SHORT_LIVES) {
      this.begin();
      this.engine.pump();
    } else {
      this.#tell("givenUp", { attempts: this.#shortLives });
      this.engine.delivery.end(error);
      this.#over();
    }
  }

  #tell(type: string, carried: object): void {
    const signal: Signal & Told = new Signal(this.engine.delivery.target, type);
    this.engine.tell(Object.assign(signal, carried));
  }
}

/** What the application has got wrong will be wrong the next time, too. */
function isMistake(error: unknown): boolean {
  return error instanceof TypeError && MISTAKE.test(error.message);
}
const MISTAKE = /^(unknown option|the target|headers|a header|subprotocols|tls)/;
