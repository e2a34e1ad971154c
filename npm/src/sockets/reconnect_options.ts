// How a connection comes back: the options of `reconnecting`.

import type { Ending, OpenOptions, Options, Sendable, Verdict } from "../types.js";
import type { ReconnectingWebSocket } from "./reconnecting.js";

/** What to connect to: a URL, or a URL with what the opening handshake carries besides. */
export type Target =
  | string
  | URL
  | ({
      /** The URL. */
      url: string | URL;
    } & Omit<OpenOptions, "signal">);

/** A target, or a function that is asked for one before each attempt, whose number it gets. */
export type TargetSource = Target | ((attempt: number) => Target | Promise<Target>);

/** How {@link reconnecting} connects again, besides how its socket behaves. */
export interface ReconnectOptions extends Options, Omit<OpenOptions, "signal"> {
  /**
   * The delay before an attempt is anything between 0 and a bound, in milliseconds from 0: this one after
   * the first failure, doubled with each further one. Behind a connection that was lost the bound is
   * ten times as high, so that those whom a server's restart has disconnected together do not come
   * back together.
   *
   * @default 500
   */
  firstDelay?: number | undefined;
  /**
   * The highest bound of a delay, in milliseconds from 0.
   *
   * @default 30000
   */
  maximumDelay?: number | undefined;
  /**
   * How many attempts in a row may lead to no lasting connection, at least 1.
   *
   * @default Infinity
   */
  attempts?: number | undefined;
  /**
   * How many milliseconds, from 0, a connection lasts that ends a row of failures.
   *
   * @default 10000
   */
  uptime?: number | undefined;
  /**
   * Makes the delays the same in each run: a number from 0 to 2³² − 1.
   *
   * @default they are random
   */
  seed?: number | undefined;
  /**
   * How many bytes, from 0, may be accepted and not written, each message with 32 on top: those that wait
   * for the next connection, and those that the connection has and its peer has not taken. When
   * there are none, a message of any size fits.
   *
   * @default 1048576
   */
  queue?: number | undefined;
  /**
   * What happens to a message that does not fit: it is refused with the error `QueueFull`, or the
   * oldest make room and are told as `dropped`.
   *
   * @default "refuse"
   */
  whenFull?: "refuse" | "dropOldest" | undefined;
  /**
   * Makes what goes out first on each connection: to log in, to subscribe again. One message, or
   * several. They have no number, and none of them is sent on another connection. It may look at the
   * socket, and must not send by it. When it throws, or one of them is no message, the error is
   * reported as uncaught, and none goes out.
   *
   * @default nothing
   */
  greeting?:
    | ((socket: ReconnectingWebSocket) => Sendable | Iterable<Sendable> | undefined | void)
    | undefined;
  /**
   * Decides whether to try again. `undefined` leaves it to the default, which is to try again
   * after every error but `InvalidInput` and `Unsupported`, and after every close code but 1000,
   * 1002, 1003, 1007 to 1010 and 3000 to 4999. When it throws, or its answer is none of these, the
   * error is reported as uncaught, and the default decides.
   *
   * @default to try again, with these exceptions
   */
  decide?: ((ending: Ending) => Verdict | undefined) | undefined;
  /**
   * Whether to begin with {@link ReconnectingWebSocket.reconnectNow} only, as where a page is
   * rendered on a server. Until then nothing runs, and messages are accepted into the queue.
   *
   * @default false
   */
  paused?: boolean | undefined;
  /**
   * Gives up when it aborts, as {@link ReconnectingWebSocket.abort} does.
   *
   * @default nobody does
   */
  signal?: AbortSignal | undefined;
}
