// A connection that lives as long as a component shows it; knows no framework.

import type { QWebSocketError } from "../errors.js";
import { reconnecting } from "../reconnecting.js";
import type { TargetSource } from "../sockets/reconnect_options.js";
import type { ReconnectingWebSocket } from "../sockets/reconnecting.js";
import type { Received } from "../types.js";
import type { Connection, HookOptions } from "./types.js";

/** What a component shows of a connection. */
export type Snapshot = Omit<Connection, "socket">;

/** As long as there is no component that is shown, and on a server. */
export const IDLE: Snapshot = { state: "unconnected", error: undefined, isGivenUp: false };

/** Tells targets apart. A function is always the same one, as it is a new one in each rendering. */
export function identityOf(target: TargetSource): string {
  if (typeof target == "function") {
    return "";
  }
  return typeof target == "string" || target instanceof URL
    ? `${target}`
    : JSON.stringify([`${target.url}`, target.subprotocols]);
}

/** What the socket tells of itself. */
interface Told {
  readonly message?: Received;
  readonly error?: QWebSocketError | undefined;
}

export class Live {
  readonly socket: ReconnectingWebSocket;
  #target: TargetSource;
  #options: HookOptions;
  #snapshot: Snapshot = IDLE;
  readonly #watchers: Set<() => void> = new Set();
  #isRunning = false;

  /** Nothing runs, and nobody holds it, before somebody watches. */
  constructor(target: TargetSource, options: HookOptions) {
    this.#target = target;
    this.#options = options;
    const ask = (attempt: number) => {
      const latest = this.#target;
      return typeof latest == "function" ? latest(attempt) : latest;
    };
    const { onMessage: _, ...others } = options;
    this.socket = reconnecting(ask, {
      ...others,
      greeting: (socket) => this.#options.greeting?.(socket),
      decide: (ending) => this.#options.decide?.(ending),
      paused: true,
    });
    this.#hear();
  }

  get snapshot(): Snapshot {
    return this.#snapshot;
  }

  /** From now on it calls these functions. */
  update(target: TargetSource, options: HookOptions): void {
    this.#target = target;
    this.#options = options;
  }

  /** Connects, as long as somebody watches; tells of each new snapshot. */
  watch(watcher: () => void): () => void {
    this.#watchers.add(watcher);
    this.#settle();
    return () => {
      this.#watchers.delete(watcher);
      this.#settle();
    };
  }

  // In a microtask: who leaves and comes back at once, as in React's StrictMode, keeps the connection.
  #settle(): void {
    queueMicrotask(() => {
      const isWatched = this.#watchers.size > 0;
      // What closes comes here again when it has ended.
      const isBusy = isWatched && this.socket.state == "closing";
      if (isWatched == this.#isRunning || isBusy) {
        return;
      }
      this.#isRunning = isWatched;
      if (isWatched) {
        this.socket.reconnectNow();
      } else {
        this.socket.close();
      }
    });
  }

  #hear(): void {
    const hear = (type: string, take: (event: Event & Told) => void) =>
      this.socket.addEventListener(type, (event) => take(event));
    const received = ({ message }: Told) => this.#options.onMessage?.(message as Received);
    hear("textMessageReceived", received);
    hear("binaryMessageReceived", received);
    hear("stateChanged", () => this.#show({ state: this.socket.state }));
    hear("connected", () => this.#show({ error: undefined }));
    hear("errorOccurred", ({ error }) => this.#show({ error }));
    hear("attempt", () => this.#show({ isGivenUp: false }));
    hear("attemptFailed", ({ error }) => this.#show({ error }));
    hear("ended", () => this.#settle());
    hear("givenUp", () => this.#show({ isGivenUp: true }));
  }

  #show(changed: Partial<Snapshot>): void {
    const before = this.#snapshot;
    const after = { ...before, ...changed };
    const names = Object.keys(changed) as (keyof Snapshot)[];
    if (names.some((name) => after[name] !== before[name])) {
      this.#snapshot = after;
      this.#watchers.forEach((watcher) => watcher());
    }
  }
}
