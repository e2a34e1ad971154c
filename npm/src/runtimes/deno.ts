// Deno's own: TLS is configured by an HTTP client, one for each socket that needs it.

import type { WebSocketClass } from "../types.js";
import type { Runtime, Socket } from "./runtime.js";

interface Client {
  close(): void;
}

interface Deno {
  createHttpClient(options: object): Client;
  readonly internal: symbol;
}

/** What the socket is for Deno itself. Nothing public ends a connection whose peer does not. */
const RESOURCE = "[[rid]]";

type Internals = Record<symbol, { core?: { tryClose?(resource: number): void } } | undefined>;

function destroy(socket: Socket): void {
  const { Deno } = globalThis as unknown as { Deno: Deno };
  const symbols = Object.getOwnPropertySymbols(socket);
  const symbol = symbols.find(({ description }) => description == RESOURCE);
  const resource = symbol && (socket as unknown as Record<symbol, unknown>)[symbol];
  if (typeof resource == "number") {
    // Told first, so that it takes its own end for one.
    socket.close();
    (Deno as unknown as Internals)[Deno.internal]?.core?.tryClose?.(resource);
  }
}

export function deno(Class: WebSocketClass): Runtime {
  return {
    features: ["HEADERS", "ORIGIN", "TLS_CONFIG"],
    counts: false,
    copies: true,
    connect({ url, subprotocols, headers, tls }) {
      const { Deno } = globalThis as unknown as { Deno: Deno };
      const certificates = [tls?.ca ?? []].flat();
      const client = tls && Deno.createHttpClient({ ...tls, caCerts: certificates });
      const options = { protocols: subprotocols, headers, ...(client && { client }) };
      const dispose = client && (() => client.close());
      try {
        const socket = new Class(url, options) as Socket;
        return { socket, destroy: () => destroy(socket), ...(dispose && { dispose }) };
      } catch (error) {
        dispose?.();
        throw error;
      }
    },
  };
}
