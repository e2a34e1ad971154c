// What the hooks of all frameworks take, and what they show.

import type { QWebSocketError } from "../errors.js";
import type { ReconnectOptions } from "../sockets/reconnect_options.js";
import type { ReconnectingWebSocket } from "../sockets/reconnecting.js";
import type { Received, State } from "../types.js";

/**
 * The options of a hook: those of `reconnecting`, which are looked at once for each target. Only functions
 * may change from one rendering to the next: the latest `onMessage`, `greeting` and `decide` are called.
 */
export interface HookOptions extends Omit<ReconnectOptions, "paused"> {
  /**
   * Takes each message, in its order. What it throws is reported as uncaught.
   *
   * @default nobody
   */
  onMessage?: ((message: Received) => void) | undefined;
}

/** A connection, as a component shows it. */
export interface Connection {
  /** The connection itself, to send by; another one for each target. */
  readonly socket: ReconnectingWebSocket;
  /** The state of the connection; `unconnected` also between two attempts. */
  readonly state: State;
  /** The last error, until there is a connection again. */
  readonly error: QWebSocketError | undefined;
  /** Whether there will be no further attempt, unless `socket.reconnectNow()` begins anew. */
  readonly isGivenUp: boolean;
}
