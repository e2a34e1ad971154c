// Values that are handed from one who has them to one who takes them, whoever comes first.

import { Fifo } from "../fifo.js";

type Taken<T> = IteratorResult<T, undefined>;

const DONE = { value: undefined, done: true } as const;

export class Handover<T> {
  readonly #untaken: Fifo<T> = new Fifo();
  readonly #waiting: Fifo<(taken: Taken<T>) => void> = new Fifo();
  #isOver = false;

  give(value: T): void {
    const resolve = this.#waiting.shift();
    if (resolve) {
      resolve({ value, done: false });
    } else {
      this.#untaken.push(value);
    }
  }

  /** There will be no further value. */
  end(): void {
    this.#isOver = true;
    for (let resolve; (resolve = this.#waiting.shift());) {
      resolve(DONE);
    }
  }

  /** Takes the next one; what was given before the end is there behind it, too. */
  next(): Promise<Taken<T>> {
    const value = this.#untaken.shift();
    if (value !== undefined) {
      return Promise.resolve({ value, done: false });
    }
    return this.#isOver
      ? Promise.resolve(DONE)
      : new Promise((resolve) => this.#waiting.push(resolve));
  }
}
