// Events and their listeners.
//
// To make a DOM event and to dispatch it costs Chromium 1.8 µs, 300 times a call. So the target
// keeps its listeners itself and calls them with objects that have the interface of an `Event`.
// Events that others dispatch come by the platform's own way to the same listeners.

const nothing = () => {};

// What a listener hears. Its prototype is an `Event`'s, whose getters only work for the platform's
// own events and are all replaced.
export class Signal {
  #target;
  #type;
  #stopped = false;
  #time;

  constructor(target, type) {
    this.#target = target;
    this.#type = type;
  }

  get type() {
    return this.#type;
  }
  get target() {
    return this.#target;
  }
  get timeStamp() {
    return (this.#time ??= performance.now());
  }
  composedPath() {
    return [this.#target];
  }
  stopImmediatePropagation() {
    this.#stopped = true;
  }
  static isStopped(event) {
    return #stopped in event && event.#stopped;
  }
  // `console.log` of Node and Deno.
  [Symbol.for("nodejs.util.inspect.custom")]() {
    return { type: this.#type, ...this };
  }
  [Symbol.for("Deno.customInspect")]() {
    return { type: this.#type, ...this };
  }
}

Object.setPrototypeOf(Signal.prototype, Event.prototype);
const target = Object.getOwnPropertyDescriptor(Signal.prototype, "target");
Object.defineProperties(Signal.prototype, {
  currentTarget: target,
  srcElement: target,
  eventPhase: { value: Event.AT_TARGET },
  bubbles: { value: false },
  cancelable: { value: false },
  composed: { value: false },
  defaultPrevented: { value: false },
  cancelBubble: { value: false },
  returnValue: { value: true },
  isTrusted: { value: false },
  preventDefault: { value: nothing },
  stopPropagation: { value: nothing },
});

// A message, which is what there is most of.
export class MessageSignal extends Signal {
  message;

  constructor(target, type, message) {
    super(target, type);
    this.message = message;
  }
}

export class SignalTarget extends EventTarget {
  // By type. A list is replaced when it changes, so a listener that is added while one is called
  // is not called for that event.
  #listeners = new Map();
  #handlers = {};

  addEventListener(type, callback, options) {
    if (!callback) {
      return;
    }
    const { capture = options === true, once, signal } = Object(options);
    if (signal?.aborted) {
      return;
    }
    let list = this.#listeners.get(type);
    if (!list) {
      list = [];
      super.addEventListener(type, (event) => this.tell(event));
    }
    if (list.some((entry) => entry.callback === callback && entry.capture === capture)) {
      return;
    }
    this.#listeners.set(type, [...list, { callback, capture, once }]);
    signal?.addEventListener("abort", () => this.removeEventListener(type, callback, capture), {
      once: true,
    });
  }

  removeEventListener(type, callback, options) {
    const { capture = options === true } = Object(options);
    this.#remove(type, (entry) => entry.callback === callback && entry.capture === capture);
  }

  #remove(type, isMeant) {
    const list = this.#listeners.get(type) ?? [];
    const index = list.findIndex(isMeant);
    if (index >= 0) {
      list[index].isGone = true;
      this.#listeners.set(
        type,
        list.filter((entry) => !entry.isGone),
      );
    }
  }

  // Whether somebody listens.
  hears(type) {
    return this.#listeners.get(type)?.length > 0;
  }

  // Calls the listeners of an event.
  tell(event) {
    for (const entry of this.#listeners.get(event.type) ?? []) {
      if (entry.isGone) {
        continue;
      }
      if (entry.once) {
        this.#remove(event.type, (other) => other === entry);
      }
      try {
        const { callback } = entry;
        if (typeof callback == "function") {
          callback.call(this, event);
        } else {
          callback.handleEvent(event);
        }
      } catch (error) {
        report(error);
      }
      if (Signal.isStopped(event)) {
        break;
      }
    }
  }

  // Gives a class the `on…` properties of these types.
  static handles(types) {
    for (const type of types) {
      Object.defineProperty(this.prototype, `on${type}`, {
        configurable: true,
        enumerable: true,
        get() {
          return this.#handlers[type]?.handler ?? null;
        },
        set(handler) {
          this.#handle(type, typeof handler == "function" ? handler : null);
        },
      });
    }
  }

  // A handler keeps its place among the listeners when it is replaced (HTML §8.1.8.1).
  #handle(type, handler) {
    const handlers = this.#handlers;
    let entry = handlers[type];
    if (entry && !handler) {
      this.removeEventListener(type, entry);
      delete handlers[type];
    } else if (handler) {
      if (!entry) {
        entry = handlers[type] = { handleEvent: (event) => entry.handler.call(this, event) };
        this.addEventListener(type, entry);
      }
      entry.handler = handler;
    }
  }
}

export function report(error) {
  if (globalThis.reportError) {
    reportError(error);
  } else {
    // Uncaught, and yet not in the way of the other listeners.
    queueMicrotask(() => {
      throw error;
    });
  }
}
