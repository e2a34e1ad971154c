// The `EventTarget` that a socket is, and its `on…` properties.

import { dictionary, signal as abortSignal } from "../border/convert.js";
import type { Handler } from "../types.js";
import type { Callback, Listeners } from "./listeners.js";
import { prepare } from "./signal.js";

/** A listener of an event of this type. */
export type Listener<Target, Event> =
  | ((this: Target, event: Event) => unknown)
  | {
      /** Called with the event. What it throws is reported as uncaught. */
      handleEvent(event: Event): unknown;
    }
  | null;

/** A listener of events that others dispatch. */
export type AnyListener = Listener<unknown, Event>;

/** The options of a listener, which not every platform's types have a name for. */
export interface ListenOptions {
  /**
   * Listeners with and without are told apart when they are removed; there is nothing to capture.
   *
   * @default false
   */
  capture?: boolean;
  /**
   * Whether it is removed when it is called.
   *
   * @default false
   */
  once?: boolean;
  /**
   * Without a meaning: no event can be cancelled.
   *
   * @default false
   */
  passive?: boolean;
  /**
   * Removes it when it aborts.
   *
   * @default nobody does
   */
  signal?: AbortSignal;
}

type HandlerEntry = { handler: Handler<never, never>; handleEvent(event: never): unknown };

/** Events of the types and with the contents of `Map`. */
export abstract class SignalTarget<Map extends object> extends EventTarget {
  readonly #listeners: Listeners;
  #handlers: Record<string, HandlerEntry> | undefined;

  /** @internal */
  constructor(listeners: Listeners) {
    super();
    prepare();
    this.#listeners = listeners;
  }

  /** Calls a listener for each event of a type, in the order in which they were added, and each once. */
  override addEventListener<Name extends keyof Map & string>(
    type: Name,
    listener: Listener<this, Map[Name]>,
    options?: boolean | ListenOptions,
  ): void;
  /** The same for events that others dispatch. */
  override addEventListener(
    type: string,
    listener: AnyListener,
    options?: boolean | ListenOptions,
  ): void;
  override addEventListener(
    type: string,
    listener: AnyListener,
    options?: boolean | ListenOptions,
  ): void {
    const { capture = options === true, once, signal: given } = Object(options) as ListenOptions;
    const name = `${type}`;
    const signal = abortSignal(given);
    // WebIDL's callback interface: any object, which is looked at when it is called.
    dictionary(listener as object | null, "a listener");
    if (listener && !signal?.aborted) {
      const callback = listener as Callback;
      if (this.#listeners.add(name, callback, Boolean(capture), Boolean(once), signal)) {
        // What others dispatch comes by the platform's own way to the same listeners.
        super.addEventListener(name, (event) => this.#listeners.tell(this, event));
      }
    }
  }

  /** Removes one; what is none, or of another type, is ignored. */
  override removeEventListener<Name extends keyof Map & string>(
    type: Name,
    listener: Listener<this, Map[Name]>,
    options?: boolean | Pick<ListenOptions, "capture">,
  ): void;
  /** The same for events that others dispatch. */
  override removeEventListener(
    type: string,
    listener: AnyListener,
    options?: boolean | Pick<ListenOptions, "capture">,
  ): void;
  override removeEventListener(
    type: string,
    listener: AnyListener,
    options?: boolean | Pick<ListenOptions, "capture">,
  ): void {
    const { capture = options === true } = Object(options) as ListenOptions;
    if (listener) {
      this.#listeners.remove(`${type}`, listener as Callback, Boolean(capture));
    }
  }

  /**
   * Gives a class its `on…` properties, before its first object and not at import.
   *
   * @internal
   */
  static define(prototype: SignalTarget<object>, types: readonly string[]): void {
    if (`on${types[0]}` in prototype) {
      return;
    }
    for (const type of types) {
      Object.defineProperty(prototype, `on${type}`, {
        configurable: true,
        get(this: SignalTarget<object>) {
          return this.#handlers?.[type]?.handler ?? null;
        },
        set(this: SignalTarget<object>, handler: unknown) {
          this.#handle(type, handler);
        },
      });
    }
  }

  /** A handler keeps its place among the listeners when it is replaced (HTML §8.1.8.1). */
  #handle(type: string, value: unknown): void {
    const handlers = (this.#handlers ??= {});
    const handler = typeof value == "function" ? (value as HandlerEntry["handler"]) : null;
    const entry = handlers[type];
    if (entry && handler) {
      entry.handler = handler;
    } else if (entry) {
      this.#listeners.remove(type, entry, false);
      delete handlers[type];
    } else if (handler) {
      const made: HandlerEntry = {
        handler,
        handleEvent: (event) => made.handler?.call(this as never, event),
      };
      handlers[type] = made;
      this.addEventListener(type, made as AnyListener);
    }
  }
}
