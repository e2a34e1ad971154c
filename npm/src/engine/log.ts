// What is told to whom the option `log` names.

import type { Converted } from "../border/options.js";
import type { End } from "../border/instance.js";
import { report } from "../errors.js";
import type { Signal } from "../events/signal.js";
import type { LogFunction } from "../types.js";

type Payloads = Partial<Record<"bytes" | "payload" | "message", unknown>>;

/** Tells an event of a connection: neither a payload, nor what is about payloads only. */
export function logged(of: { options: Converted; end: End }, signal: Signal & Payloads): void {
  const { log } = of.options;
  const { bytes, payload, message: _, ...about } = signal;
  if (log && bytes === payload) {
    const { type } = signal;
    try {
      (log as LogFunction)(type, type == "disconnected" ? of.end : about);
    } catch (error) {
      report(error);
    }
  }
}
