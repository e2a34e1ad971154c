import { Link, init } from "./core.js";
import { Endpoint } from "./endpoint.js";
import { Engine } from "./engine.js";
import { QWebSocketError } from "./errors.js";
import { AGAIN, HEARD } from "./names.js";
import { report } from "./signals.js";
import { lengthOf } from "./wire.js";

// Made by `reconnecting` only.
const ours = {};

const QUEUE = 1 << 20;

export class ReconnectingWebSocket extends Endpoint {
  #engine;
  #options;
  #target;
  // The calls that wait for the WebAssembly.
  #calls = [];
  #isOver = false;
  // What the core has not: the messages before it is there and after the end, with their numbers.
  #unsent = [];
  // The number of the next message.
  #next = 0;
  // Which answer of `target` is awaited.
  #asked = 0;

  constructor(key, target, options) {
    if (key !== ours) {
      throw new TypeError("Illegal constructor");
    }
    super();
    this.#options = options;
    this.#target = target;
    this.#engine = new Engine(this, options, {
      ask: (attempt) => this.#ask(attempt),
      greet: () => this.#greet(),
      decide: (...ending) => this.#decide(...ending),
    });
    this.use(this.#engine);
    const { signal } = options;
    signal?.addEventListener("abort", () => this.abort(), { once: true });
    // Not before there is somebody who listens.
    init().then(() => {
      if (signal?.aborted) {
        this.abort();
      }
      this.#begin();
    }, report);
  }

  send(message) {
    const { link } = this.#engine;
    if (this.#isOver) {
      throw new QWebSocketError("WrongState", "there will be no further connection");
    }
    if (!link) {
      this.#checkRoom(message);
      this.#unsent.push([this.#next, message]);
      return this.#next++;
    }
    const number = this.#call((link) => link.push(message, lengthOf(message)));
    this.#next = number + 1;
    return number;
  }
  acknowledge(number) {
    this.#call((link) => link.command(0, number));
  }
  get unwritten() {
    return this.#engine.link?.command(1, 0) ?? this.#unsent.length;
  }
  takeUnsent() {
    const { link } = this.#engine;
    return link ? pairs(link.take_unsent()) : this.#unsent.splice(0);
  }
  reconnectNow() {
    if (this.#isOver) {
      this.#begin();
    } else {
      this.#call((link) => link.command(2, 0));
    }
  }
  setOnline(online) {
    this.#call((link) => link.command(3, online));
  }
  close(code = 1000, reason = "") {
    this.#call((link) => link.close(code, reason));
  }
  abort() {
    this.#call((link) => link.abort());
  }

  // For the engine: an event, before the listeners hear it.
  heard() {}

  // For the engine: there will be no further connection.
  left(link) {
    this.#unsent = pairs(link.take_unsent());
    this.#isOver = true;
  }

  #call(call) {
    const engine = this.#engine;
    if (!engine.link) {
      this.#calls.push(call);
      return undefined;
    }
    try {
      return call(engine.link);
    } finally {
      engine.pump();
    }
  }

  // As the core does for those that come later.
  #checkRoom(message) {
    const { queue = QUEUE, whenFull } = this.#options;
    const cost = (message) => lengthOf(message) + 32;
    const waiting = this.#unsent.reduce((sum, [, message]) => sum + cost(message), 0);
    if (waiting && waiting + cost(message) > queue && whenFull != "dropOldest") {
      throw new QWebSocketError("QueueFull");
    }
  }

  #begin() {
    const { firstDelay = 500, maximumDelay = 30_000, attempts = Infinity } = this.#options;
    const { uptime = 10_000, seed, queue = QUEUE, whenFull } = this.#options;
    const unsent = this.#unsent.splice(0);
    const first = this.#next - unsent.length;
    const link = this.#engine.connection(Link);
    link.again(
      firstDelay,
      maximumDelay,
      attempts,
      uptime,
      seed,
      queue,
      whenFull == "dropOldest",
      first,
    );
    this.#engine.link = link;
    this.#isOver = false;
    for (const [, message] of unsent) {
      link.push(message, lengthOf(message));
    }
    for (const call of this.#calls.splice(0)) {
      guarded(() => call(link));
    }
    this.#engine.pump();
  }

  async #ask(attempt) {
    const asked = ++this.#asked;
    const engine = this.#engine;
    let answer;
    try {
      // Not from within the core.
      await undefined;
      const target = this.#target;
      const made = typeof target == "function" ? await target(attempt) : target;
      const { url = made, ...request } = typeof made == "object" && !(made instanceof URL) ? made : {};
      const all = { ...this.#options, ...request };
      engine.check(all);
      answer = () => engine.answer(url, all);
    } catch (error) {
      answer = () => engine.refuse(error);
    }
    if (asked == this.#asked) {
      answer();
      engine.pump();
    }
  }

  #greet() {
    const messages = guarded(() => [...(this.#options.greeting?.(this) ?? [])], []);
    return messages.flatMap((message) => [message, lengthOf(message)]);
  }

  #decide(wasConnected, error, closeCode, closeReason = "") {
    const { decide } = this.#options;
    const ending = { wasConnected, error, closeCode, closeReason };
    const verdict = guarded(() => decide?.(ending));
    return verdict == "retry" ? 0 : verdict == "giveUp" ? -1 : (verdict?.retryAfter ?? NaN);
  }
}

function pairs(flat) {
  return flat.flatMap((_, index) => (index % 2 ? [] : [flat.slice(index, index + 2)]));
}

// What the application's function returns, unless it throws.
function guarded(call, otherwise) {
  try {
    return call();
  } catch (error) {
    report(error);
    return otherwise;
  }
}

ReconnectingWebSocket.handles([...HEARD, ...AGAIN]);

export function reconnecting(target, options = {}) {
  return new ReconnectingWebSocket(ours, target, options);
}
