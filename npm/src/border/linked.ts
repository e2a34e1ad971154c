// What the border calls: the part of a connection that is not the core's.

import type { QWebSocketError } from "../errors.js";
import type { Wire } from "../runtimes/wire.js";
import type { Ending } from "../types.js";
import type { Parcel } from "./instance.js";
import type { Pace } from "./alarm.js";
import type { Message } from "./convert.js";

/** None of these may throw, unless it says so. */
export interface Linked {
  /** When the core looks at the buffer. */
  readonly pace: Pace;
  /** How many milliseconds have to pass still before the silence of the peer is judged. */
  rest(): number;
  /** The core is to be called by its number: it hears before what was done without it. */
  catchUp(): void;
  /** There is something to take. */
  pump(): void;
  /** The core wants to be asked again after this time. */
  wait(ms: number): void;
  /** Connects, or throws. */
  connect(url: string): Wire;
  /** The core wants a request. */
  ask(attempt: number): void;
  /** What goes out first, or throws. */
  greet(): Message[];
  /** How an ending goes on, as the core's number; or throws. */
  decide(ending: Ending): number;
  /** A message that the runtime has refused for good. */
  refused(parcel: Parcel, reason: unknown): void;
  /** The core has trapped; it is not called again. */
  died(error: QWebSocketError): void;
}
