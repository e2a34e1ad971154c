// The events of the platform's class that not every platform has a class for, and `on…` properties.

import type { CloseInit } from "./options.js";

type EventClass<Init> = new (type: string, init: Init) => Event;

/** A `close` event; Node before version 23 has no class of it. */
export function closeEvent(close: CloseInit): Event {
  const { CloseEvent } = globalThis as { CloseEvent?: EventClass<CloseInit> };
  if (CloseEvent) {
    return new CloseEvent("close", close);
  }
  return Object.defineProperties(
    new Event("close"),
    Object.fromEntries(Object.entries(close).map(([name, value]) => [name, { value }])),
  );
}

/** A `message` event. */
export function messageEvent(data: unknown, origin: string): Event {
  return new MessageEvent("message", { data, origin });
}

type Callable = (this: EventTarget, event: Event) => unknown;
/** An object that is no function is kept, and not called. */
type Handler = Callable | { readonly handleEvent?: unknown };

/** The `on…` properties of one object, as attributes of the platform (HTML §8.1.8.1). */
export class Handlers {
  readonly #target: EventTarget;
  readonly #handlers: Map<string, Handler | null> = new Map();

  constructor(target: EventTarget) {
    this.#target = target;
  }

  get(type: string): Handler | null {
    return this.#handlers.get(type) ?? null;
  }

  /** A handler that is replaced keeps its place. */
  set(type: string, value: unknown): void {
    const isFirst = !this.#handlers.has(type);
    const isHandler = typeof value == "function" || typeof value == "object";
    this.#handlers.set(type, isHandler ? (value as Handler | null) : null);
    if (isFirst) {
      const target = this.#target;
      target.addEventListener(type, (event) => {
        const handler = this.get(type);
        if (typeof handler == "function") {
          handler.call(target, event);
        }
      });
    }
  }
}
