// What a connection is for the test that has its server's end, in memory or not.

import type { CloseInit } from "../standard/options.js";
import type { Received } from "../types.js";
import { Handover } from "./handover.js";

/** The server's end of a connection. */
export abstract class Peer {
  /** What the client has asked for. */
  readonly url: string;
  /** The subprotocols on its offer, the one that it likes best first. */
  readonly subprotocols: readonly string[];
  /** All that has arrived, whether it was taken by {@link next} or not. */
  readonly received: Received[] = [];
  /** What the connection was closed with; settles at its end, and never rejects. */
  readonly closed: Promise<CloseInit>;
  readonly #ended: (close: CloseInit) => void;
  readonly #messages: Handover<Received> = new Handover();

  /** @internal */
  constructor(url: string, subprotocols: readonly string[]) {
    this.url = url;
    this.subprotocols = subprotocols;
    let ended!: (close: CloseInit) => void;
    this.closed = new Promise((resolve) => (ended = resolve));
    this.#ended = ended;
  }

  /**
   * Sends a message; behind the end it does nothing.
   *
   * @throws `TypeError` for what is neither a text nor binary data.
   */
  abstract send(message: string | ArrayBufferLike | ArrayBufferView): void;
  /** Reads no more, until {@link resume}. */
  abstract pause(): void;
  /** Reads again, first what has waited. */
  abstract resume(): void;
  /**
   * Starts the closing handshake.
   *
   * @throws for a reason of more than 123 bytes; a real server for a code that must not be sent, too.
   */
  abstract close(code?: number, reason?: string): void;
  /** Ends the connection without one, as if a cable were cut. */
  abstract drop(): void;

  /** The next message that nobody has taken; `undefined` behind the last one. */
  next(): Promise<Received | undefined> {
    return this.#messages.next().then(({ value }) => value);
  }
  /** The messages that nobody has taken, to the end of the connection. */
  [Symbol.asyncIterator](): AsyncIterator<Received, undefined> {
    return { next: () => this.#messages.next() };
  }

  /** @internal */
  protected take(data: Received): void {
    this.received.push(data);
    this.#messages.give(data);
  }
  /** @internal */
  protected finish(close: CloseInit): void {
    this.#ended(close);
    this.#messages.end();
  }
}
