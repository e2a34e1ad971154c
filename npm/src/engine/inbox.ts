// What has arrived and is in the core's queue: the payloads, and what the core is told of them.

import { isThenable, utf8Length } from "../border/convert.js";
import type { Converted } from "../border/options.js";
import { report } from "../errors.js";
import { Fifo } from "../fifo.js";
import type { KeepAlive, Received } from "../types.js";

export class Inbox {
  readonly arrived: Fifo<Received> = new Fifo();
  readonly #keepAlive: KeepAlive | undefined;
  /** The largest message, and how much may wait with it, in bytes. */
  readonly #largest: number;
  readonly #room: number;

  constructor({ keepAlive, maxAllowedIncomingMessageSize, receiveQueue }: Converted) {
    this.#keepAlive = keepAlive as KeepAlive | undefined;
    this.#largest = (maxAllowedIncomingMessageSize ?? Infinity) as number;
    this.#room = (receiveQueue ?? Infinity) as number;
  }

  /** Whether a message answers what a keep-alive has asked. */
  isAnswer(data: Received): boolean {
    try {
      const answer: unknown = this.#keepAlive?.isAnswer(data);
      // A promise is as true as any object, and would take each message for the answer.
      if (isThenable(answer)) {
        throw new TypeError("isAnswer answers a promise");
      }
      return Boolean(answer);
    } catch (error) {
      report(error);
      return false;
    }
  }

  /** The length in bytes; of a text that is certainly within the limits something like it. */
  measure(data: Received): number {
    if (typeof data != "string") {
      return data.byteLength;
    }
    const { length } = data;
    return length * 3 <= this.#largest && length * 3 <= this.#room ? length : utf8Length(data);
  }

  /** Whether a message of this length is within the limits, while so much waits. */
  fits(length: number, waiting: number): boolean {
    return length <= this.#largest && length + waiting <= this.#room;
  }
}
