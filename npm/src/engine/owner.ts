// Whose engine it is: what an engine asks of a socket, and tells it.

import type { Message } from "../border/convert.js";
import type { Parcel } from "../border/instance.js";
import type { Link } from "../border/link.js";
import type { Linked } from "../border/linked.js";
import type { QWebSocketError } from "../errors.js";
import type { Ending, State } from "../types.js";

/** What an event may carry, as far as the engine looks at it. */
export interface Told {
  readonly type: string;
  state?: State;
  error?: QWebSocketError | undefined;
}

/** Whose engine it is. */
export interface Owner {
  /** Makes the core's part of the connection. */
  link(linked: Linked): Link;
  /** What an event carries that only this kind of socket has. */
  carried?(type: string, link: Link): object | undefined;
  /** An event, before the listeners hear it. */
  heard?(event: Told): void;
  /** The connection is over: the link is there for the last time. */
  left?(link: Link): void;
  /** The core has trapped; what can be told is told. */
  died?(link: Link, error: QWebSocketError): void;
  ask?(attempt: number): void;
  greet?(): Message[];
  decide?(ending: Ending): number;
  refused?(parcel: Parcel, reason: unknown): void;
}
