// What connects, and what it can do besides what a browser can.

import { UnsupportedError } from "./errors.js";
import { StreamSocket } from "./stream.js";

const UNDICI = Symbol.for("undici.globalDispatcher.1");

const BROWSER = {
  features: [],
  // Its `bufferedAmount` grows by what a text takes, in the call.
  counts: true,
  connect: (Class, url, { subprotocols }) => new Class(url, subprotocols),
};

const STREAM = {
  features: ["READ_BUFFER"],
  connect: (Class, url, { subprotocols }) => new StreamSocket(Class, url, subprotocols),
};

// Node's own.
const NODE = {
  features: ["HEADERS", "ORIGIN", "TLS_CONFIG"],
  connect(Class, url, { subprotocols, headers, tls }) {
    // Node exports no `Agent`, but one is there.
    const dispatcher = tls && new globalThis[UNDICI].constructor({ connect: tls });
    return new Class(url, { protocols: subprotocols, headers, ...(tls && { dispatcher }) });
  },
};

const DENO = {
  features: ["HEADERS", "ORIGIN", "TLS_CONFIG"],
  connect(Class, url, { subprotocols, headers, tls }) {
    const client = tls && Deno.createHttpClient({ ...tls, caCerts: [tls.ca ?? []].flat() });
    return new Class(url, { protocols: subprotocols, headers, ...(tls && { client }) });
  },
};

const BUN = {
  features: ["PING", "HEADERS", "ORIGIN", "TLS_CONFIG"],
  connect: (Class, url, { subprotocols, headers, tls }) =>
    new Class(url, { protocols: subprotocols, headers, tls }),
};

// The package.
const WS = {
  features: ["PING", "HEADERS", "ORIGIN", "TLS_CONFIG", "CLOSE_CODES", "READ_BUFFER"],
  connect: (Class, url, { subprotocols, headers, tls }) =>
    new Class(url, subprotocols, { ...tls, headers }),
};

// The class and its dialect.
export function runtimeOf({ webSocket, stream }) {
  if (stream) {
    const Class = !webSocket && globalThis.WebSocketStream;
    if (!Class) {
      throw new UnsupportedError("READ_BUFFER");
    }
    return { Class, ...STREAM };
  }
  const Class = webSocket ?? globalThis.WebSocket;
  return { Class, ...dialect(Class) };
}

function dialect(Class) {
  const { terminate, pause } = Class?.prototype ?? {};
  if (terminate) {
    return pause ? WS : BUN;
  }
  if (Class != globalThis.WebSocket) {
    return { ...BROWSER, counts: false };
  }
  if (globalThis.Deno) {
    return DENO;
  }
  return globalThis[UNDICI] ? NODE : BROWSER;
}
