// Time that passes when a test says so, and chances that repeat with their seed.

/** In place of the platform's clock, timers and tasks. */
export class VirtualTime {
  now = 0;
  #timers = new Map();
  #tasks = [];
  #last = 0;

  /** From now on the platform's functions are these. */
  install() {
    const define = (name, value) =>
      Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
    define("setTimeout", (run, ms = 0) => {
      const id = ++this.#last;
      this.#timers.set(id, { run, due: this.now + Math.max(0, Number(ms) || 0), id });
      return id;
    });
    define("clearTimeout", (id) => this.#timers.delete(id));
    define("setImmediate", (run) => this.#tasks.push(run));
    define("performance", { now: () => this.now });
  }

  /** How many timers there are still. */
  get timers() {
    return this.#timers.size;
  }

  /** Runs what is due now: microtasks, tasks, and microtasks behind each. */
  async settle() {
    await microtasks();
    while (this.#tasks.length) {
      this.#tasks.shift()();
      await microtasks();
    }
  }

  /** Lets so many milliseconds pass, timer by timer. */
  async pass(ms) {
    const end = this.now + ms;
    await this.settle();
    for (let timer; (timer = this.#next(end));) {
      this.#timers.delete(timer.id);
      this.now = Math.max(this.now, timer.due);
      timer.run();
      await this.settle();
    }
    this.now = end;
  }

  #next(end) {
    let first;
    for (const timer of this.#timers.values()) {
      if (timer.due <= end && !(first && first.due <= timer.due)) {
        first = timer;
      }
    }
    return first;
  }
}

/** More than the longest chain of promises between a call and what it leads to. */
const TURNS = 24;

async function microtasks() {
  for (let turn = 0; turn < TURNS; turn++) {
    await undefined;
  }
}

/** Sebastiano Vigna's SplitMix32, by Tommy Ettinger. */
export class Chance {
  #state;

  constructor(seed) {
    this.#state = seed >>> 0;
  }

  /** At least 0, less than 1. */
  next() {
    this.#state = (this.#state + 0x9e3779b9) | 0;
    let z = this.#state;
    z = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
    return ((z ^ (z >>> 15)) >>> 0) / 2 ** 32;
  }
  below(limit) {
    return Math.floor(this.next() * limit);
  }
  of(list) {
    return list[this.below(list.length)];
  }
  is(probability) {
    return this.next() < probability;
  }
}
