// A queue that takes and gives in constant time.

/** So many places may be empty in front before they are given back. */
const SLACK = 512;

export class Fifo<T> {
  #items: (T | undefined)[] = [];
  #head = 0;

  get length(): number {
    return this.#items.length - this.#head;
  }

  push(item: T): void {
    this.#items.push(item);
  }

  /** Takes the last one back. */
  pop(): T | undefined {
    return this.length ? this.#items.pop() : undefined;
  }

  shift(): T | undefined {
    const items = this.#items;
    const { length } = items;
    if (this.#head == length) {
      return undefined;
    }
    // What is taken as soon as it is there.
    if (length == 1) {
      return items.pop();
    }
    const item = items[this.#head];
    items[this.#head++] = undefined;
    if (this.#head == items.length) {
      items.length = this.#head = 0;
    } else if (this.#head > SLACK && this.#head * 2 > items.length) {
      // Moves at most as many as were taken since the last time.
      items.splice(0, this.#head);
      this.#head = 0;
    }
    return item;
  }
}
