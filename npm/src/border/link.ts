// The only caller of the core: one connection's part of it, from its making to its end.

import type { CoreCode, CoreExports } from "../core/contract.js";
import { best, unsupported } from "../core/module.js";
import { bitsOf, STATES } from "../names.js";
import { QWebSocketError } from "../errors.js";
import type { Wire } from "../runtimes/wire.js";
import type { Feature, State } from "../types.js";
import { lengthOf, type Message } from "./convert.js";
import { hostOf } from "./host.js";
import { type End, Instance, NO_END, type Parcel } from "./instance.js";
import type { Linked } from "./linked.js";
import type { Converted } from "./options.js";

/** A request, converted. */
export interface Request {
  subprotocols: string[];
  headers: [string, string][];
  origin: string | undefined;
  tls: object | undefined;
}

/** The instances that live, by their cores. */
const living = new Map<CoreCode, Instance>();

/** The instance that new connections use; after a trap a new one. Throws where there can be none. */
export function instanceOf(code: CoreCode): Instance {
  let instance = living.get(code);
  if (!instance) {
    try {
      instance = new Instance(code, hostOf, () => living.delete(code));
    } catch (error) {
      throw unsupported(error);
    }
    living.set(code, instance);
  }
  return instance;
}

/**
 * What the core's `received` answers: the message comes as an event; it is told now; and those behind
 * it may be, too.
 */
export const QUEUED = 1;
export const TOLD_NOW = 2;
const ONLY_TELLS = 3;

export class Link {
  readonly instance: Instance;
  readonly id: number;
  /** Whether the core need not be asked of a message within the limits: it would only be told. */
  onlyTells = false;
  /** Whether it need not be asked of a message that is sent, and the bytes that it has not heard of. */
  #takesAll = false;
  #ahead = 0;
  readonly #isBounded: boolean;

  constructor(
    linked: Linked,
    options: Converted,
    features: readonly Feature[],
    code: CoreCode = best(),
  ) {
    const instance = instanceOf(code);
    const { interval, limit } = (options["keepAlive"] ?? {}) as Converted;
    const number = (value: unknown, otherwise: number) => (value ?? otherwise) as number;
    this.instance = instance;
    this.#isBounded = options["writeQueue"] !== undefined;
    this.id = instance.call((core) =>
      core.make(
        number(options["maxAllowedIncomingMessageSize"], 2 ** 31 - 2),
        number(options["receiveQueue"], Infinity),
        number(options["writeQueue"], Infinity),
        number(options["openTimeout"], 120_000),
        number(options["closeTimeout"], 3_000),
        bitsOf([...features, ...((options["bestEffort"] ?? []) as Feature[])]),
        number(interval, Infinity),
        number(limit, 20_000),
      ),
    );
    instance.links.set(this.id, linked);
  }

  /** Lets go of it. */
  free(): void {
    const { instance, id } = this;
    instance.links.delete(id);
    if (!instance.isDead) {
      this.quietly((core) => core.free(id), undefined);
    }
  }

  open(url: string, request: Request): void {
    const { lines, names, hasOrigin } = linesOf(url, request);
    try {
      this.checked((core) => core.open(this.id, lines, names, hasOrigin));
    } catch (error) {
      throw this.explained(error as QWebSocketError);
    }
  }

  /** An error with why the runtime has made no socket, if that was it. */
  explained<E extends QWebSocketError | undefined>(error: E): E {
    const { refusal } = this.instance;
    this.instance.refusal = undefined;
    if (refusal instanceof QWebSocketError) {
      return refusal as E;
    }
    if (error && refusal !== undefined) {
      error.cause = refusal;
    }
    return error;
  }

  /** Tells the core what was done without it. Every other call of it comes behind this. */
  catchUp(): void {
    this.onlyTells = this.#takesAll = false;
    const sent = this.#ahead;
    if (sent) {
      this.#ahead = 0;
      this.instance.call((core) => core.sent(this.id, sent));
    }
  }

  /** Sends a message by this wire, and returns its length in bytes. */
  send(message: Message, wire: Wire | undefined): number {
    if (this.#takesAll && wire?.isOpen) {
      return this.#sendAhead(message, wire);
    }
    const { instance } = this;
    const length = this.#isBounded ? lengthOf(message) : 0;
    instance.outgoing = message;
    instance.outgoingLength = length;
    try {
      const sent = this.checked((core) => core.send(this.id, 0, length));
      this.#takesAll = !this.#isBounded;
      return sent;
    } finally {
      instance.outgoing = "";
    }
  }

  /** What the core would only count. */
  #sendAhead(message: Message, wire: Wire): number {
    this.instance.enter();
    try {
      const sent = wire.write(message);
      this.#ahead += sent;
      return sent;
    } finally {
      this.instance.leave();
    }
  }

  ping(payload: Uint8Array): void {
    this.checked((core) => core.ping(this.id, payload));
  }

  close(code: number, reason: string): void {
    this.checked((core) => core.close(this.id, code, reason));
  }

  abort(): void {
    this.checked((core) => core.abort(this.id));
  }

  get state(): State {
    return this.quietly((core) => STATES[core.state(this.id)], undefined) ?? "unconnected";
  }

  get buffered(): number {
    return this.quietly((core) => core.buffered(this.id), 0);
  }

  get isFlushed(): boolean {
    return this.quietly((core) => core.flushed(this.id), true);
  }

  get end(): End {
    return this.quietly(() => this.instance.endOf(this.id), NO_END);
  }

  /** The last error. */
  get error(): QWebSocketError | undefined {
    this.quietly((core) => core.error(this.id), undefined);
    return this.instance.takeError();
  }

  /** The next event as a number; 0 when there is none now, negative when there will be none. */
  next(): number {
    return this.quietly((core) => core.next(this.id), 0);
  }

  /** The message as it was accepted, where it has a number of its own. */
  parcelOf?(message: Message): Parcel | undefined;

  opened(): void {
    this.#hear((core) => core.opened(this.id));
  }

  /** What becomes of a message of this length. */
  received(length: number, isAnswer: boolean, waiting: number, canBeTold: boolean): number {
    const fate = this.quietly(
      (core) => core.received(this.id, length, isAnswer, waiting, canBeTold),
      0,
    );
    this.onlyTells = fate == ONLY_TELLS;
    return Math.min(fate, TOLD_NOW);
  }

  failing(why: string): void {
    this.#hear((core) => core.failing(this.id, why));
  }

  ended(wasClean: boolean, code: number, reason: string): void {
    this.#hear((core) => core.ended(this.id, wasClean, code, reason));
  }

  ponged(payload: Uint8Array): void {
    this.#hear((core) => core.ponged(this.id, payload));
  }

  /** What has happened while the core is being called is told behind that. */
  #hear(call: (core: CoreExports) => void): void {
    this.instance.later(() => this.quietly(call, undefined));
  }

  /** A number that the core returns; else throws what it has told, or what the runtime has thrown. */
  protected checked(call: (core: CoreExports) => number): number {
    this.catchUp();
    const value = this.instance.call(call);
    if (Number.isNaN(value)) {
      throw this.instance.takeError() ?? this.instance.thrown;
    }
    return value;
  }

  /** For whom a trap is told by events. */
  protected quietly<R>(call: (core: CoreExports) => R, otherwise: R): R {
    try {
      this.catchUp();
      return this.instance.call(call);
    } catch {
      return otherwise;
    }
  }
}

/** A request as the core takes it. What has more lines than one is refused as a control character. */
export function linesOf(
  url: string,
  request: Request,
): { lines: string; names: number; hasOrigin: boolean } {
  const { subprotocols, headers, origin } = request;
  const hasOrigin = origin !== undefined;
  const texts = [url, ...subprotocols, ...(hasOrigin ? [origin] : []), ...headers.flat()];
  const lines = texts.map((text) => text.replaceAll(/[\r\n]/g, "\0") + "\n").join("");
  return { lines, names: subprotocols.length, hasOrigin };
}
