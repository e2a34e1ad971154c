import * as core from "qwebsocket";
import { init } from "./load.js";
import { Endpoint } from "./endpoint.js";
import { Engine } from "./engine.js";
import { QWebSocketError } from "./errors.js";
import { checked, parcels, takeUnsent } from "./host.js";
import { AGAIN, HEARD } from "./names.js";
import { report } from "./signals.js";
import { lengthOf } from "./wire.js";

// Made by `reconnecting` only.
const ours = {};

const QUEUE = 1 << 20;

// Commands of the core.
const ACKNOWLEDGE = 0;
const UNWRITTEN = 1;
const RECONNECT_NOW = 2;
const SET_ONLINE = 3;
// What the platform tells, and the commands for it.
const HINTS = { online: 4, offline: 5, pageshow: 6, visibilitychange: 6 };

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
  // Ends the listening to what the platform tells.
  #deaf;

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
    const number = this.#call((link) => push(link, message));
    this.#next = number + 1;
    return number;
  }
  acknowledge(number) {
    this.#command(ACKNOWLEDGE, number);
  }
  get unwritten() {
    const { link } = this.#engine;
    return link ? checked(core.command(link, UNWRITTEN, 0)) : this.#unsent.length;
  }
  takeUnsent() {
    const { link } = this.#engine;
    return link ? takeUnsent(link) : this.#unsent.splice(0);
  }
  reconnectNow() {
    if (this.#isOver) {
      this.#begin();
    } else {
      this.#command(RECONNECT_NOW);
    }
  }
  setOnline(online) {
    this.#command(SET_ONLINE, online);
  }
  close(code = 1000, reason = "") {
    this.#call(() => this.#engine.close(code, reason));
  }
  abort() {
    this.#call(() => this.#engine.abort());
  }

  // For the engine: an event, before the listeners hear it.
  heard() {}

  // For the engine: there will be no further connection.
  left(link) {
    this.#unsent = takeUnsent(link);
    this.#isOver = true;
    this.#deaf.abort();
  }

  #command(command, number = 0) {
    return this.#call((link) => checked(core.command(link, command, number)));
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
    this.#engine.make();
    const { link } = this.#engine;
    core.again(
      link,
      firstDelay,
      maximumDelay,
      attempts,
      uptime,
      seed ?? NaN,
      queue,
      whenFull == "dropOldest",
      first,
    );
    this.#isOver = false;
    this.#listen();
    for (const [, message] of unsent) {
      push(link, message);
    }
    for (const call of this.#calls.splice(0)) {
      guarded(() => call(link));
    }
    this.#engine.pump();
  }

  // A worker is told of the network only, Node of nothing.
  #listen() {
    this.#deaf = new AbortController();
    const { signal } = this.#deaf;
    const { document } = globalThis;
    const hear = ({ type }) => {
      if (type != "visibilitychange" || document.visibilityState == "visible") {
        // Not from within the core, whoever dispatches it.
        queueMicrotask(() => this.#engine.link && this.#command(HINTS[type]));
      }
    };
    for (const type of Object.keys(HINTS)) {
      const target = type == "visibilitychange" ? document : globalThis;
      target?.addEventListener?.(type, hear, { signal });
    }
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
    const { greeting } = this.#options;
    const measured = () => [...(greeting?.(this) ?? [])].map((message) => [message, lengthOf(message)]);
    for (const [message, length] of guarded(measured, [])) {
      core.greeting(this.#engine.link, parcels.add(message), length);
    }
  }

  #decide(wasConnected, error, closeCode, closeReason) {
    const { decide } = this.#options;
    const ending = { wasConnected, error, closeCode, closeReason };
    const verdict = guarded(() => decide?.(ending));
    return verdict == "retry" ? 0 : verdict == "giveUp" ? -1 : (verdict?.retryAfter ?? NaN);
  }
}

function push(link, message) {
  const length = lengthOf(message);
  return checked(core.push(link, parcels.add(message), length));
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
