// Deno's own: TLS is configured by an HTTP client, one for each socket that needs it.

import type { WebSocketClass } from "../types.js";
import type { Runtime, Socket } from "./runtime.js";

interface Client {
  close(): void;
}

interface Deno {
  createHttpClient(options: object): Client;
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
        return { socket: new Class(url, options) as Socket, ...(dispose && { dispose }) };
      } catch (error) {
        dispose?.();
        throw error;
      }
    },
  };
}
