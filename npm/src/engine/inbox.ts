// What has arrived and is in the core's queue: the payloads, and what the core is told of them.

import { lengthOf, type Message, utf8Length } from "../border/convert.js";
import type { Converted } from "../border/options.js";
import { report } from "../errors.js";
import { Fifo } from "../fifo.js";
import type { KeepAlive, Received } from "../types.js";

export class Inbox {
  readonly arrived: Fifo<Received> = new Fifo();
  readonly #keepAlive: KeepAlive | undefined;
  /** How long a text may be without being measured. */
  readonly #unmeasured: number;

  constructor({ keepAlive, maxAllowedIncomingMessageSize, receiveQueue }: Converted) {
    this.#keepAlive = keepAlive as KeepAlive | undefined;
    const limits = [maxAllowedIncomingMessageSize, receiveQueue] as (number | undefined)[];
    this.#unmeasured = Math.min(...limits.map((limit) => limit ?? Infinity)) / 3;
  }

  /** Whether a message answers what a keep-alive has asked. */
  isAnswer(data: Received): boolean {
    try {
      return this.#keepAlive ? Boolean(this.#keepAlive.isAnswer(data)) : false;
    } catch (error) {
      report(error);
      return false;
    }
  }

  /** The length in bytes; of a text that is certainly within the limits something like it. */
  measure(data: Message | Received): number {
    if (typeof data == "string") {
      return data.length <= this.#unmeasured ? data.length : utf8Length(data);
    }
    return lengthOf(data);
  }
}
