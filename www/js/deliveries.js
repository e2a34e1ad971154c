/** What became of numbered messages. */
export class Deliveries {
  accepted = 0;
  twice = 0;
  #echoed = new Set();
  #unknown = new Set();

  accept() {
    this.accepted += 1;
  }

  echo(number) {
    if (this.#echoed.has(number)) {
      this.twice += 1;
    }
    this.#echoed.add(number);
  }

  /** From the first up to, and without, the second. */
  lose([from, to]) {
    for (let number = from; number < to; number += 1) {
      this.#unknown.add(number);
    }
  }

  get echoed() {
    return this.#echoed.size;
  }

  get unknown() {
    return this.#unknown.size;
  }

  get underway() {
    return this.accepted - this.echoed - this.unknown;
  }

  fate(number) {
    return this.#echoed.has(number) ? "echoed" : this.#unknown.has(number) ? "unknown" : "sent";
  }
}
