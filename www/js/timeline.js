// What happened within the last half minute: the connection's states as a band, messages as ticks.

import { text } from "./chart.js";
import { svg } from "./dom.js";

const SECONDS = 30;
const BAND = 18;
const TICKS = 26;
const HEIGHT = BAND + TICKS + 32;

export class Timeline {
  #spans = [];
  #messages = [];

  /** The state from now on; none draws nothing. */
  enter(state) {
    const now = performance.now();
    this.#leave(now);
    if (state) {
      this.#spans.push({ state, from: now, to: Infinity });
    }
  }

  addMessage(number) {
    this.#messages.push({ at: performance.now(), number });
  }

  #leave(now) {
    const last = this.#spans.at(-1);
    if (last?.to === Infinity) {
      last.to = now;
    }
  }

  /** Forgets what is out of sight. */
  #forget(first) {
    this.#spans = this.#spans.filter(({ to }) => to > first);
    this.#messages = this.#messages.filter(({ at }) => at > first);
  }

  /** `fate` tells the class of a message's tick by its number. */
  draw(width, fate) {
    const now = performance.now();
    const first = now - SECONDS * 1000;
    this.#forget(first);
    const x = (time) => Math.max(0, ((time - first) / (now - first)) * width);
    const bands = this.#spans.map(({ state, from, to }) => {
      const left = x(from);
      const size = { width: Math.max(1, x(Math.min(to, now)) - left), height: BAND };
      return svg("rect", { x: left, y: 0, ...size, class: state });
    });
    const ticks = this.#messages.map(({ at, number }) => {
      const line = { x1: x(at), x2: x(at), y1: BAND + 6, y2: BAND + 6 + TICKS };
      return svg("line", { ...line, class: `tick ${fate(number)}` });
    });
    const foot = BAND + TICKS + 10;
    return {
      height: HEIGHT,
      parts: [
        ...bands,
        ...ticks,
        svg("line", { x1: 0, x2: width, y1: foot, y2: foot, class: "grid" }),
        text(0, foot + 16, `${SECONDS} s ago`),
        text(width, foot + 16, "now", { "text-anchor": "end" }),
      ],
    };
  }
}
