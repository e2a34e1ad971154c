// The core's timers: none judges before what has arrived is told, and looks at a buffer slow down.

import { soon } from "../tasks.js";

/** Numbers of the core's alarms. */
export const DRAIN = 4;
export const KEEP_ALIVE = 5;

/** A timer that is over so many milliseconds too late was asleep with all the rest. */
const LATE = 100;
/** So long it then waits for what has arrived meanwhile. */
const CATCH_UP = 50;

export interface Cancelable {
  cancel(): void;
}

/** Rings once. */
export class Alarm implements Cancelable {
  readonly #ring: () => void;
  readonly #rest: (() => number) | undefined;
  #due = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #hasWaited = false;

  /** `rest` tells how many milliseconds have to pass still when the time is over. */
  constructor(ms: number, rest: (() => number) | undefined, ring: () => void) {
    this.#ring = ring;
    this.#rest = rest;
    this.#wait(ms);
  }

  cancel(): void {
    clearTimeout(this.#timer);
  }

  #wait(ms: number): void {
    this.#due = performance.now() + ms;
    this.#timer = setTimeout(() => this.#over(), ms);
  }

  #over(): void {
    const isLate = performance.now() - this.#due > LATE && !this.#hasWaited;
    this.#hasWaited = isLate;
    const ms = isLate ? CATCH_UP : (this.#rest?.() ?? 0);
    if (ms > 0) {
      this.#wait(ms);
    } else {
      this.#ring();
    }
  }
}

/** The first pause between two looks, in milliseconds, and the longest. */
const SHORTEST_PAUSE = 1;
const LONGEST_PAUSE = 100;

/**
 * When a buffer is looked at of whose changes no runtime tells: in the next task, at events, and
 * else by a timer that slows down while nothing changes.
 */
export class Pace {
  readonly #buffered: () => number;
  #pause = 0;
  #seen = -1;
  #look: Look | undefined;

  /** `buffered` tells how much is in the buffer. */
  constructor(buffered: () => number) {
    this.#buffered = buffered;
  }

  /** The next look. */
  look(ring: () => void): Cancelable {
    const pause = this.#hasChanged() ? 0 : this.#pause;
    this.#pause = Math.min(Math.max(pause * 2, SHORTEST_PAUSE), LONGEST_PAUSE);
    return (this.#look = new Look(pause, ring));
  }

  /** There is something new in the buffer. */
  restart(): void {
    this.#pause = 0;
    this.#look?.hurry();
  }

  /** Something else has happened: a look that is due some time may be due now. */
  see(): void {
    if (this.#look?.isPending && this.#hasChanged()) {
      this.#pause = 0;
      this.#look.now();
    }
  }

  #hasChanged(): boolean {
    const before = this.#seen;
    this.#seen = this.#buffered();
    return this.#seen != before;
  }
}

class Look implements Cancelable {
  isPending = true;
  readonly #ring: () => void;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(pause: number, ring: () => void) {
    this.#ring = ring;
    if (pause) {
      this.#timer = setTimeout(() => this.now(), pause);
    } else {
      soon(() => this.now());
    }
  }

  now(): void {
    if (this.isPending) {
      this.cancel();
      this.#ring();
    }
  }

  /** In the next task, instead of a time. */
  hurry(): void {
    if (this.isPending && this.#timer !== undefined) {
      clearTimeout(this.#timer);
      this.#timer = undefined;
      soon(() => this.now());
    }
  }

  cancel(): void {
    this.isPending = false;
    clearTimeout(this.#timer);
  }
}
