// The attempts to connect of one socket: the promises of `open`, and who has given them up.

import { text } from "../border/convert.js";
import { Link, type Request } from "../border/link.js";
import type { Linked } from "../border/linked.js";
import { requestOptions, type Converted } from "../border/options.js";
import { Engine } from "../engine/engine.js";
import type { Owner, Told } from "../engine/owner.js";
import { givenUp, tame, type QWebSocketError } from "../errors.js";
import { Signal } from "../events/signal.js";

/** An attempt: a call of `open` whose promise is not settled yet. */
class Attempt {
  readonly promise: Promise<void>;
  error: QWebSocketError | undefined;
  /** Why its signal has aborted it. */
  reason: unknown;
  #resolve!: () => void;
  #reject!: (reason: unknown) => void;
  #unsubscribe: (() => void) | undefined;

  constructor() {
    this.promise = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  listen(signal: AbortSignal | undefined, abort: (reason: unknown) => void): void {
    if (signal) {
      const aborted = () => abort(signal.reason);
      signal.addEventListener("abort", aborted, { once: true });
      this.#unsubscribe = () => signal.removeEventListener("abort", aborted);
    }
  }

  succeed(): void {
    this.#unsubscribe?.();
    this.#resolve();
  }

  /** What an event tells, too, is no unhandled rejection. */
  fail(reason: unknown, isTold: boolean): void {
    this.#unsubscribe?.();
    if (isTold) {
      this.promise.catch(() => {});
    }
    this.#reject(reason);
  }
}

export class Attempts implements Owner {
  readonly engine: Engine;
  /** Those whose `connecting` is not told yet, and the one whose end is awaited. */
  #begun: Attempt[] = [];
  #opening: Attempt | undefined;

  constructor(options: Converted) {
    this.engine = new Engine(this, options);
  }

  link(linked: Linked): Link {
    const { options, features } = this.engine;
    return new Link(linked, options, features);
  }

  open(url: unknown, options: unknown): Promise<void> {
    const attempt = new Attempt();
    try {
      const converted = requestOptions(options);
      const signal = converted["signal"] as AbortSignal | undefined;
      const address = text(url);
      signal?.throwIfAborted();
      this.engine.check(converted);
      attempt.listen(signal, (reason) => {
        attempt.reason = reason;
        // Another one may have taken its place already.
        if (attempt == (this.#begun.at(-1) ?? this.#opening)) {
          this.engine.abort();
        }
      });
      this.#begun = [...this.#begun, attempt];
      this.engine.open(address, requestOf(converted));
    } catch (error) {
      this.#begun = this.#begun.filter((other) => other != attempt);
      attempt.fail(error, this.#isTold(error));
    }
    return attempt.promise;
  }

  heard({ type, state, error }: Told): void {
    if (state == "connecting") {
      [this.#opening, ...this.#begun] = this.#begun;
    }
    const opening = this.#opening;
    if (opening) {
      opening.error ??= error;
      if (type == "connected") {
        this.#opening = undefined;
        opening.succeed();
      } else if (type == "disconnected") {
        this.#opening = undefined;
        // Whoever ignores the promise has it from the events, or has given up by himself.
        opening.fail(opening.reason ?? opening.error ?? givenUp(), true);
      }
    }
  }

  /** A host without WebAssembly is told by the event, too: nothing else works there. */
  #isTold(error: unknown): boolean {
    const { kind, feature, cause } = Object(tame(error)) as Partial<Record<string, unknown>>;
    const isTold = kind == "Unsupported" && !feature && cause !== undefined;
    if (isTold) {
      const signal = new Signal(this.engine.delivery.target, "errorOccurred");
      this.engine.tell(Object.assign(signal, { error: error as QWebSocketError }));
    }
    return isTold;
  }
}

/** A request out of converted options. */
export function requestOf(options: Converted): Request {
  const { subprotocols = [], headers = [], origin, tls } = options;
  return { subprotocols, headers, origin, tls } as Request;
}
