// Listeners, by the rules of the DOM, called without the DOM.

import { report } from "../errors.js";
import { whenAborted } from "./aborting.js";
import { Signal } from "./signal.js";

export type Callback = ((event: never) => unknown) | { handleEvent(event: never): unknown };

export interface Entry {
  readonly callback: Callback;
  readonly capture: boolean;
  readonly once: boolean;
  isGone: boolean;
  /** Removes it when its signal aborts, and lets go of that signal. */
  aborted?: () => void;
  unsubscribe?: () => void;
}

export class Listeners {
  // A list is replaced when it changes, so a listener that is added while one is called is not
  // called for that event.
  readonly #lists: Map<string, readonly Entry[]> = new Map();

  /** Adds one; whether it is the first of its type. */
  add(
    type: string,
    callback: Callback,
    capture: boolean,
    once: boolean,
    signal?: AbortSignal,
  ): boolean {
    const list = this.#lists.get(type);
    const all = list ?? [];
    if (!all.some((entry) => entry.callback === callback && entry.capture === capture)) {
      const entry: Entry = { callback, capture, once, isGone: false };
      this.#lists.set(type, [...all, entry]);
      if (signal) {
        entry.aborted = () => this.#drop(type, entry);
        entry.unsubscribe = whenAborted(signal, entry.aborted);
      }
    }
    return list === undefined;
  }

  remove(type: string, callback: Callback, capture: boolean): void {
    const list = this.#lists.get(type);
    const entry = list?.find((entry) => entry.callback === callback && entry.capture === capture);
    if (entry) {
      this.#drop(type, entry);
    }
  }

  /** Those who listen, if there are any. */
  of(type: string): readonly Entry[] | undefined {
    const list = this.#lists.get(type);
    return list?.length ? list : undefined;
  }

  /** Calls the listeners of an event. */
  tell(
    target: object,
    event: { type: string },
    list: readonly Entry[] | undefined = this.of(event.type),
  ): void {
    if (!list) {
      return;
    }
    for (const entry of list) {
      if (entry.isGone) {
        continue;
      }
      if (entry.once) {
        this.#drop(event.type, entry);
      }
      try {
        const { callback } = entry;
        if (typeof callback == "function") {
          callback.call(target, event as never);
        } else {
          callback.handleEvent(event as never);
        }
      } catch (error) {
        report(error);
      }
      if (list.length > 1 && Signal.isStopped(event)) {
        break;
      }
    }
  }

  #drop(type: string, entry: Entry): void {
    entry.isGone = true;
    entry.unsubscribe?.();
    const list = this.#lists.get(type) ?? [];
    this.#lists.set(
      type,
      list.filter((other) => other !== entry),
    );
  }
}
