// Objects with the interface of an `Event`.
//
// To make a DOM event and to dispatch it costs Chromium 1.8 µs, 300 times a call. So the target
// keeps its listeners itself and calls them with these.

const nothing = () => {};

/** What few ask for, so that not every event has a place for it. */
const times: WeakMap<object, number> = /* @__PURE__ */ new WeakMap();
const stopped: WeakSet<object> = /* @__PURE__ */ new WeakSet();

/**
 * What a listener hears. Its prototype is an `Event`'s, once {@link prepare} was called, whose getters
 * only work for the platform's own events and are all replaced.
 */
export class Signal {
  readonly #target: object;
  readonly #type: string;

  constructor(target: object, type: string) {
    this.#target = target;
    this.#type = type;
  }

  get type(): string {
    return this.#type;
  }
  get target(): object {
    return this.#target;
  }
  get currentTarget(): object {
    return this.#target;
  }
  get srcElement(): object {
    return this.#target;
  }
  get timeStamp(): number {
    const time = times.get(this) ?? performance.now();
    times.set(this, time);
    return time;
  }
  get eventPhase(): number {
    return 2;
  }
  get bubbles(): boolean {
    return false;
  }
  get cancelable(): boolean {
    return false;
  }
  get composed(): boolean {
    return false;
  }
  get defaultPrevented(): boolean {
    return false;
  }
  get cancelBubble(): boolean {
    return false;
  }
  get returnValue(): boolean {
    return true;
  }
  get isTrusted(): boolean {
    return false;
  }
  composedPath(): object[] {
    return [this.#target];
  }
  stopImmediatePropagation(): void {
    stopped.add(this);
  }
  static isStopped(event: object): boolean {
    return stopped.has(event);
  }
}

/** A message, which is what there is most of. */
export class MessageSignal extends Signal {
  readonly message: string | ArrayBuffer;

  constructor(target: object, type: string, message: string | ArrayBuffer) {
    super(target, type);
    this.message = message;
  }
}

function shown(this: Signal): object {
  const { type } = this;
  return { type, ...(this as object) };
}

/** Makes events of the platform out of signals; before the first one, and not at import. */
export function prepare(): void {
  const { prototype } = Signal;
  if (Object.getPrototypeOf(prototype) == Object.prototype && typeof Event == "function") {
    Object.setPrototypeOf(prototype, Event.prototype);
    Object.defineProperties(prototype, {
      preventDefault: { value: nothing, configurable: true },
      stopPropagation: { value: nothing, configurable: true },
      // `console.log` of Node and Deno.
      [Symbol.for("nodejs.util.inspect.custom")]: { value: shown },
      [Symbol.for("Deno.customInspect")]: { value: shown },
    });
  }
}
