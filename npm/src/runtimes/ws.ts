// The package `ws`.

import type { WebSocketClass } from "../types.js";
import type { Runtime, Socket } from "./runtime.js";
import { pausing } from "./standard.js";

/** Before version 8 texts were no bytes, and nothing said which was which. */
function hear(socket: Socket, take: (data: unknown) => void): void {
  socket.on?.("message", (data: object, isBinary?: boolean) =>
    take(isBinary === false ? data.toString() : data),
  );
}

export function ws(Class: WebSocketClass): Runtime {
  return {
    // Its first versions cannot stop reading.
    features: ["PING", "HEADERS", "ORIGIN", "TLS_CONFIG", "CLOSE_CODES", ...pausing(Class)],
    counts: false,
    // With compression it reads what is sent later.
    copies: false,
    connect({ url, subprotocols, headers, tls, limit }) {
      // 0 would be no limit.
      const options = { ...tls, headers, maxPayload: Math.max(1, limit) };
      const socket = new Class(url, subprotocols, options) as Socket;
      return { socket, hear: (take) => hear(socket, take) };
    },
  };
}
