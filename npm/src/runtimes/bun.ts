// Bun's own.

import type { WebSocketClass } from "../types.js";
import type { Runtime, Socket } from "./runtime.js";

export function bun(Class: WebSocketClass): Runtime {
  return {
    features: ["PING", "HEADERS", "ORIGIN", "TLS_CONFIG", "CLOSE_CODES", "READ_BUFFER"],
    counts: false,
    copies: true,
    connect: ({ url, subprotocols, headers, tls }) => ({
      socket: new Class(url, { protocols: subprotocols, headers, tls }) as Socket,
    }),
  };
}
