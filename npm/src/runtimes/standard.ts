// Browsers, and every class that only has a browser's interface.

import type { Feature, WebSocketClass } from "../types.js";
import type { Runtime, Socket } from "./runtime.js";

export function browser(Class: WebSocketClass): Runtime {
  return {
    features: [],
    counts: true,
    copies: true,
    connect: ({ url, subprotocols }) => ({ socket: new Class(url, subprotocols) as Socket }),
  };
}

/** A class that nobody knows: what it can do its methods show. */
export function foreign(Class: WebSocketClass): Runtime {
  return { ...browser(Class), features: pausing(Class), counts: false, copies: false };
}

/** The feature of a class that can stop reading. */
export function pausing(Class: WebSocketClass): Feature[] {
  const { pause, resume } = (Class.prototype ?? {}) as Partial<Socket>;
  return typeof pause == "function" && typeof resume == "function" ? ["READ_BUFFER"] : [];
}
