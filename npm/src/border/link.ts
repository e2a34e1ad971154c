// The only caller of the core: one connection's part of it, from its making to its end.

import type { CoreCode, CoreExports } from "../core/contract.js";
import { best, unsupported } from "../core/module.js";
import { bitsOf, STATES } from "../names.js";
import { QWebSocketError } from "../errors.js";
import type { Feature, State } from "../types.js";
import type { Message } from "./convert.js";
import { hostOf } from "./host.js";
import { type End, Instance, NO_END } from "./instance.js";
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

/** What `received` answers: the message is told by that. */
export const TOLD_NOW = 2;

export class Link {
  readonly instance: Instance;
  readonly id: number;

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

  /** Sends a message, and returns its length in bytes; `length` is what the core checks. */
  send(message: Message, length: number): number {
    const { instance } = this;
    instance.outgoing = message;
    const sent = instance.send(this.id, length);
    instance.outgoing = "";
    return this.#number(sent);
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

  opened(): void {
    this.#hear((core) => core.opened(this.id));
  }

  /** What becomes of a message of this length. */
  received(length: number, isAnswer: boolean, waiting: number, canBeTold: boolean): number {
    return this.instance.received(this.id, length, isAnswer, waiting, canBeTold);
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
    return this.#number(this.instance.call(call));
  }

  #number(value: number): number {
    if (Number.isNaN(value)) {
      throw this.instance.takeError() ?? this.instance.thrown;
    }
    return value;
  }

  /** For whom a trap is told by events. */
  protected quietly<R>(call: (core: CoreExports) => R, otherwise: R): R {
    try {
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
