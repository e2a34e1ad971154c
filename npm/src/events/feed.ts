// Async iterators over what is told: nothing is lost between two steps, in constant time each.

import { Fifo } from "../fifo.js";
import type { Received } from "../types.js";
import type { Signal } from "./signal.js";

const DONE = { value: undefined, done: true } as const;

interface Item<T> {
  readonly value: T;
  readonly bytes: number;
}

interface Waiting<T> {
  resolve(result: IteratorResult<T, undefined>): void;
  reject(error: unknown): void;
}

/** What waits for an iterator, and how it ends. An iterator that is left leaves it to the next one. */
export class Backlog<T> {
  readonly items: Fifo<Item<T>> = new Fifo();
  /** The bytes of the messages that wait. */
  bytes = 0;
  isOver = false;
  failure: unknown;

  end(failure?: unknown): void {
    this.isOver = true;
    this.failure = failure;
  }
}

/** An iterator, as far as it is told something. */
export interface Hearer {
  /** The bytes of the messages that wait. */
  readonly bytes: number;
  /** Takes of an event what is for this one; a message comes without one where nobody wants it. */
  hear(event: Signal | undefined, message: Received | undefined, bytes: number): void;
  /** Ends, when all is taken; with an error, if there is one. */
  end(error?: unknown): void;
}

/** Whom an iterator takes from. */
export interface FeedOwner<T> {
  /** Something was taken. */
  taken(): void;
  /** Nobody wants more of it. */
  left(feed: Hearer, backlog: Backlog<T>): void;
}

export abstract class Feed<T> implements AsyncIterableIterator<T, undefined>, Hearer {
  #owner: FeedOwner<T> | undefined;
  #backlog: Backlog<T>;
  readonly #waiting: Fifo<Waiting<T>> = new Fifo();

  constructor(owner: FeedOwner<T>, backlog: Backlog<T> = new Backlog()) {
    this.#owner = owner;
    this.#backlog = backlog;
  }

  get bytes(): number {
    return this.#backlog.bytes;
  }

  abstract hear(event: Signal | undefined, message: Received | undefined, bytes: number): void;

  push(value: T, bytes: number): void {
    const waiting = this.#waiting.shift();
    if (waiting) {
      waiting.resolve({ value, done: false });
    } else {
      this.#backlog.items.push({ value, bytes });
      this.#backlog.bytes += bytes;
    }
  }

  end(error?: unknown): void {
    const first = this.#waiting.shift();
    if (first && error) {
      first.reject(error);
    } else {
      first?.resolve(DONE);
    }
    this.#backlog.end(first ? undefined : error);
    let waiting;
    while ((waiting = this.#waiting.shift())) {
      waiting.resolve(DONE);
    }
  }

  next(): Promise<IteratorResult<T, undefined>> {
    const backlog = this.#backlog;
    const item = backlog.items.shift();
    if (item) {
      backlog.bytes -= item.bytes;
      this.#owner?.taken();
      return Promise.resolve({ value: item.value, done: false });
    }
    if (backlog.failure) {
      const { failure } = backlog;
      backlog.failure = undefined;
      return Promise.reject(failure);
    }
    if (backlog.isOver) {
      return Promise.resolve(DONE);
    }
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
  }

  return(value?: undefined | PromiseLike<undefined>): Promise<IteratorResult<T, undefined>> {
    const owner = this.#owner;
    if (owner) {
      this.#owner = undefined;
      const backlog = this.#backlog;
      this.#backlog = new Backlog();
      this.end();
      owner.left(this, backlog);
    }
    return Promise.resolve(value).then((value) => ({ value, done: true }));
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}

/** Iterators are disposable where the platform knows what that is. */
export function makeDisposable(): void {
  if (Symbol.asyncDispose && !(Symbol.asyncDispose in Feed.prototype)) {
    Object.defineProperty(Feed.prototype, Symbol.asyncDispose, {
      configurable: true,
      async value(this: Feed<unknown>): Promise<void> {
        await this.return();
      },
    });
  }
}

export class EventFeed extends Feed<Signal> {
  override hear(event: Signal | undefined, _: unknown, bytes: number): void {
    if (event) {
      this.push(event, bytes);
    }
  }

  /** An error is an event. */
  override end(): void {
    super.end();
  }
}

export class MessageFeed extends Feed<Received> {
  override hear(_: unknown, message: Received | undefined, bytes: number): void {
    if (message !== undefined) {
      this.push(message, bytes);
    }
  }
}
