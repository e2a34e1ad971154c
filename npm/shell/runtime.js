// What connects, and what it can do besides what a browser can.

import { UnsupportedError } from "./errors.js";
import { StreamSocket } from "./stream.js";

// Where Node has the `Agent` that its own `WebSocket` connects by; the older versions the latter.
const AGENTS = [2, 1].map((version) => Symbol.for(`undici.globalDispatcher.${version}`));

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
    // Node exports no class of agents, but an agent is there.
    const dispatcher = tls && new (agent().constructor)({ connect: tls });
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
  features: ["PING", "HEADERS", "ORIGIN", "TLS_CONFIG", "CLOSE_CODES", "READ_BUFFER"],
  connect: (Class, url, { subprotocols, headers, tls }) =>
    new Class(url, { protocols: subprotocols, headers, tls }),
};

// The package.
const WS = {
  features: ["PING", "HEADERS", "ORIGIN", "TLS_CONFIG", "CLOSE_CODES", "READ_BUFFER"],
  connect: (Class, url, { subprotocols, headers, tls }) =>
    new Class(url, subprotocols, { ...tls, headers }),
};

class Missing {
  constructor() {
    throw new Error("this runtime has no WebSocket: hand one in by the option webSocket");
  }
}

// The class and its dialect.
export function runtimeOf({ webSocket, stream }) {
  if (stream) {
    const Class = !webSocket && globalThis.WebSocketStream;
    if (!Class) {
      throw new UnsupportedError("READ_BUFFER");
    }
    return { Class, ...STREAM };
  }
  const Class = webSocket ?? globalThis.WebSocket ?? Missing;
  return { Class, ...dialect(Class) };
}

function dialect(Class) {
  if (Class != globalThis.WebSocket) {
    return Class.prototype?.terminate ? WS : { ...BROWSER, counts: false };
  }
  if (globalThis.Bun) {
    return BUN;
  }
  if (globalThis.Deno) {
    return DENO;
  }
  return agent() ? NODE : BROWSER;
}

function agent() {
  return AGENTS.map((symbol) => globalThis[symbol]).find(Boolean);
}
