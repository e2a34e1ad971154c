// `MemoryServer`: a server in memory, and the class that connects to it.

import type { WebSocketClass } from "../types.js";
import { type Door, MemorySocket } from "./client.js";
import { Handover } from "./handover.js";
import type { MemoryPeer } from "./peer.js";

/** How a {@link MemoryServer} behaves. */
export interface MemoryServerOptions {
  /**
   * Whether a client is let in: `false`, or what it throws, refuses it; a text is the subprotocol, the
   * empty one none, and one that is not on offer fails the connection. A promise keeps it waiting, even
   * for ever.
   *
   * @default everybody is, with the first subprotocol on offer
   */
  accept?: Door | undefined;
}

/**
 * A server in memory. What is sent arrives in a microtask: a test needs neither a port nor time, and the
 * time limits, delays and keep-alives of a socket run by fake timers, which must leave `queueMicrotask` real.
 *
 * @example
 * ```js
 * const server = new MemoryServer();
 * const socket = new QWebSocket({ webSocket: server.WebSocket });
 * await socket.open("ws://test/");
 * const peer = await server.next();
 * peer.send("hello");
 * ```
 */
export class MemoryServer {
  /**
   * What connects to it, for the option `webSocket`. It has what sockets use of the platform's class; the
   * class that `webSocket` of `qwebsocket/websocket` makes over it has the whole shape.
   */
  readonly WebSocket: WebSocketClass;
  /** All connections that there were, and are. */
  readonly peers: MemoryPeer[] = [];
  readonly #arrived: Handover<MemoryPeer> = new Handover();

  /** One without connections. Throws nothing. */
  constructor({ accept }: MemoryServerOptions = {}) {
    const door: Door = (peer) => {
      peer.begun = () => this.#begun(peer);
      return accept?.(peer);
    };
    this.WebSocket = class extends MemorySocket {
      constructor(url: string, protocols?: string | readonly string[]) {
        super(door, url, protocols);
      }
    };
  }

  /** The next connection that nobody has taken, as the server has it; waits for one. */
  next(): Promise<MemoryPeer> {
    return this.#arrived.next().then(({ value }) => value as MemoryPeer);
  }

  #begun(peer: MemoryPeer): void {
    this.peers.push(peer);
    this.#arrived.give(peer);
  }
}
