// The order in which events reach listeners and iterators, and how much waits for whom.

import {
  type Backlog,
  EventFeed,
  type Hearer,
  makeDisposable,
  MessageFeed,
} from "../events/feed.js";
import { Listeners } from "../events/listeners.js";
import { MessageSignal, type Signal } from "../events/signal.js";
import type { Received } from "../types.js";

export class Delivery {
  readonly listeners: Listeners = new Listeners();
  /** Whom events are told of. */
  target: object = this;
  #feeds: readonly Hearer[] = [];
  /** What iterators that were left have left to the next one. */
  #leftEvents: Backlog<Signal> | undefined;
  #leftMessages: Backlog<Received> | undefined;
  readonly #taken: () => void;

  /** `taken` is called when less waits. */
  constructor(taken: () => void) {
    this.#taken = taken;
  }

  /** Whether somebody takes messages one after the other. */
  get hasFeeds(): boolean {
    return this.#feeds.length > 0;
  }

  /** The bytes that wait where most do. */
  get backlog(): number {
    let bytes = 0;
    for (const feed of this.#feeds) {
      bytes = Math.max(bytes, feed.bytes);
    }
    return bytes;
  }

  events(): EventFeed {
    const backlog = this.#leftEvents;
    this.#leftEvents = undefined;
    const left = (feed: Hearer, backlog: Backlog<Signal>) => {
      this.#leftEvents = backlog.items.length ? backlog : this.#leftEvents;
      this.#left(feed);
    };
    return this.#begun(new EventFeed({ taken: this.#taken, left }, backlog), backlog);
  }

  messages(): MessageFeed {
    const backlog = this.#leftMessages;
    this.#leftMessages = undefined;
    const left = (feed: Hearer, backlog: Backlog<Received>) => {
      this.#leftMessages = backlog.items.length ? backlog : this.#leftMessages;
      this.#left(feed);
    };
    return this.#begun(new MessageFeed({ taken: this.#taken, left }, backlog), backlog);
  }

  #begun<F extends Hearer>(feed: F, backlog: { isOver: boolean } | undefined): F {
    makeDisposable();
    // What was left behind by a connection that has ended ends, too.
    if (!backlog?.isOver) {
      this.#feeds = [...this.#feeds, feed];
    }
    return feed;
  }

  #left(feed: Hearer): void {
    this.#feeds = this.#feeds.filter((other) => other != feed);
    this.#taken();
  }

  message(message: Received, bytes: number): void {
    const type = typeof message == "string" ? "textMessageReceived" : "binaryMessageReceived";
    const { listeners, target } = this;
    const list = listeners.of(type);
    let signal: MessageSignal | undefined;
    if (list) {
      signal = new MessageSignal(target, type, message);
      listeners.tell(target, signal, list);
    }
    for (const feed of this.#feeds) {
      if (feed instanceof EventFeed) {
        signal ??= new MessageSignal(target, type, message);
      }
      feed.hear(signal, message, bytes);
    }
  }

  event(signal: Signal): void {
    this.listeners.tell(this.target, signal);
    for (const feed of this.#feeds) {
      feed.hear(signal, undefined, 0);
    }
  }

  /** There is nothing more of this connection. */
  end(error: unknown): void {
    for (const feed of this.#feeds) {
      feed.end(error);
    }
    this.#feeds = [];
    this.#leftEvents?.end();
    this.#leftMessages?.end(error);
  }

  /** Another connection begins: what the last one has left is over. */
  begin(): void {
    if (this.#leftEvents?.isOver) {
      this.#leftEvents = undefined;
    }
    if (this.#leftMessages?.isOver) {
      this.#leftMessages = undefined;
    }
  }
}
