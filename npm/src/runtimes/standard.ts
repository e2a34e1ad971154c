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
  const prototype = (Class.prototype ?? {}) as Partial<Socket>;
  const features: Feature[] = [];
  if (typeof prototype.pause == "function" && typeof prototype.resume == "function") {
    features.push("READ_BUFFER");
  }
  return { ...browser(Class), features, counts: false, copies: false };
}
