// Node's own, which is undici's: it connects by a dispatcher, of which each socket gets its own.

import { QWebSocketError } from "../errors.js";
import { builtin } from "../platform.js";
import type { WebSocketClass } from "../types.js";
import type { Connected, Connecting, Runtime, Socket } from "./runtime.js";

/** Where undici keeps the dispatcher that everything connects by; newer versions first. */
const DISPATCHERS = [2, 1].map((version) => `undici.globalDispatcher.${version}`);

interface Tcp {
  once(type: string, listener: (error?: unknown) => void): Tcp;
  off(type: string, listener: (error?: unknown) => void): Tcp;
  setNoDelay(on: boolean): void;
  destroy(): void;
}

interface Target {
  hostname: string;
  host?: string;
  port?: string;
  protocol: string;
  servername?: string;
  localAddress?: string;
}

type Connector = (target: Target, done: (error: unknown, tcp: Tcp | null) => void) => void;

interface Agent {
  destroy(): Promise<void>;
}

interface Modules {
  connect(options: object): Tcp;
}

export function undici(Class: WebSocketClass): Runtime {
  return {
    features: ["HEADERS", "ORIGIN", "TLS_CONFIG"],
    counts: false,
    copies: true,
    connect: (connecting) => connect(Class, connecting),
  };
}

function connect(
  Class: WebSocketClass,
  { url, subprotocols, headers, tls }: Connecting,
): Connected {
  const options = { protocols: subprotocols, headers };
  const agent = agentClass();
  if (!agent) {
    if (tls) {
      throw new QWebSocketError(
        "Unsupported",
        "tls does not go together with the dispatcher that this program has set: " +
          (dispatcher()?.constructor.name ?? "none"),
      );
    }
    return { socket: new Class(url, options) as Socket };
  }
  // Of our own, so that the connection can be ended, which this class cannot.
  let tcp: Tcp | undefined;
  let isOver = false;
  const dispatch = new agent({
    connect: connector(tls, (made) => {
      tcp = made;
      if (isOver) {
        made.destroy();
      }
    }),
  });
  const dispose = () => void dispatch.destroy().catch(() => {});
  const destroy = () => {
    isOver = true;
    tcp?.destroy();
  };
  try {
    const socket = new Class(url, { ...options, dispatcher: dispatch }) as Socket;
    return { socket, destroy, dispose };
  } catch (error) {
    dispose();
    throw error;
  }
}

/** Connects as undici's own connector does, and hands the connection out when it begins. */
function connector(tls: object | undefined, begun: (tcp: Tcp) => void): Connector {
  return (target, done) => {
    const { hostname, port, protocol, servername, localAddress } = target;
    const isSecure = protocol == "https:";
    const { connect } = builtin<Modules>(isSecure ? "node:tls" : "node:net");
    const host = hostname.replace(/^\[|]$/g, "");
    const name = servername || (/^[\d.]+$|:/.test(host) ? undefined : host);
    const tcp = connect({
      host,
      port: Number(port) || (isSecure ? 443 : 80),
      localAddress,
      autoSelectFamily: true,
      ...(isSecure && { ALPNProtocols: ["http/1.1"], ...(name && { servername: name }), ...tls }),
    });
    tcp.setNoDelay(true);
    begun(tcp);
    const failed = (error: unknown) => done(error, null);
    tcp.once("error", failed).once(isSecure ? "secureConnect" : "connect", () => {
      tcp.off("error", failed);
      done(null, tcp);
    });
  };
}

/** The class of the dispatcher that is set, if that is undici's plain one: no module exports it. */
function agentClass(): (new (options: object) => Agent) | undefined {
  const { constructor } = dispatcher() ?? {};
  return constructor?.name == "Agent" ? (constructor as new (options: object) => Agent) : undefined;
}

function dispatcher(): object | undefined {
  const all = globalThis as unknown as Record<symbol, object | undefined>;
  return DISPATCHERS.map((name) => all[Symbol.for(name)]).find(Boolean);
}
