// `LocalServer`: a real server on this machine, over the package `ws`.

import type { Verdict } from "./client.js";
import { Handover } from "./handover.js";
import { type PeerHeaders, LocalPeer, type WsSocket } from "./local_peer.js";

/** The class `WebSocketServer` of the package `ws`, from version 8 on. */
export type WebSocketServerClass = new (options: never) => {
  /** Listens no more. Throws nothing. */
  close(done?: (error?: Error) => void): void;
};

/** How a {@link LocalServer} behaves. */
export interface LocalServerOptions {
  /** The class that listens: `WebSocketServer` of the package `ws`, which Node needs for it. */
  WebSocketServer: WebSocketServerClass;
  /**
   * Whether a client is let in: `false`, or what it throws, refuses it with 403; a text is the
   * subprotocol, the empty one none, and one that is not on offer refuses it, too. A promise keeps it
   * waiting, even for ever.
   *
   * @default everybody is, with the first subprotocol on offer
   */
  accept?: ((peer: LocalPeer) => Verdict | Promise<Verdict>) | undefined;
  /**
   * The port, from 1 to 65535; 0 is any that is free.
   *
   * @default 0
   */
  port?: number | undefined;
}

/** An opening handshake, as Node has it. */
interface Request {
  readonly url?: string;
  readonly headers: PeerHeaders;
  readonly socket: { destroy(): void };
}

type Answer = (isLetIn: boolean, status?: number) => void;

/** `WebSocketServer` of `ws`, as far as it is used. */
interface WsServer {
  readonly clients: Iterable<WsSocket>;
  address(): { readonly port: number };
  on(type: "connection", hear: (socket: WsSocket, request: Request) => void): void;
  once(type: "listening", hear: () => void): void;
  once(type: "error", hear: (error: Error) => void): void;
  close(done: () => void): void;
}

type WsServerClass = new (options: object) => WsServer;

const HOST = "127.0.0.1";
const FORBIDDEN = 403;

/**
 * A real server on 127.0.0.1, for tests that want a network: of a program in another process, of a page
 * in a browser, of a class that connects by itself. {@link MemoryServer} needs neither port nor time.
 *
 * @example
 * ```js
 * import { WebSocketServer } from "ws";
 *
 * const server = await LocalServer.start({ WebSocketServer });
 * const socket = new QWebSocket();
 * await socket.open(server.url);
 * const peer = await server.next();
 * peer.send("hello");
 * await server.stop();
 * ```
 */
export class LocalServer {
  /** The same in every copy of the package, and when the code is minified. */
  static readonly name: string = "LocalServer";
  /** What to connect to, with a path or a query behind it if that is wanted: `ws://127.0.0.1:…/`. */
  readonly url: string;
  /** All connections that there were, and are. */
  readonly peers: LocalPeer[] = [];
  readonly #server: WsServer;
  readonly #waiting: Waiting;
  readonly #arrived: Handover<LocalPeer> = new Handover();

  private constructor(server: WsServer, waiting: Waiting) {
    this.#server = server;
    this.#waiting = waiting;
    this.url = urlOf(server);
    server.on("connection", (socket, request) => {
      const { peer } = waiting.get(request) as Knock;
      waiting.delete(request);
      peer.begin(socket);
      this.peers.push(peer);
      this.#arrived.give(peer);
    });
  }

  /**
   * Starts one, which listens when the promise resolves.
   *
   * @throws rejects with what Node says where it cannot listen: `EADDRINUSE` when the port is taken.
   */
  static async start({
    WebSocketServer,
    accept = () => true,
    port = 0,
  }: LocalServerOptions): Promise<LocalServer> {
    const waiting: Waiting = new Map();
    const server: WsServer = new (WebSocketServer as unknown as WsServerClass)({
      host: HOST,
      port,
      verifyClient({ req }: { req: Request }, answer: Answer) {
        waiting.set(req, undefined);
        void knock(urlOf(server), req, accept).then((made) => {
          waiting.set(req, made);
          answer(made.isLetIn, FORBIDDEN);
        });
      },
      handleProtocols: (_: unknown, request: Request) => waiting.get(request)?.protocol || false,
    });
    await new Promise<void>((resolve, reject) => {
      server.once("listening", resolve);
      server.once("error", reject);
    });
    return new LocalServer(server, waiting);
  }

  /** The next connection that nobody has taken, as the server has it; waits for one. */
  next(): Promise<LocalPeer> {
    return this.#arrived.next().then(({ value }) => value as LocalPeer);
  }

  /**
   * Ends all connections without a closing handshake, and listens no more; the port is free then. Throws
   * and rejects nothing.
   */
  stop(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
      for (const socket of this.#server.clients) {
        socket.terminate();
      }
      for (const { socket } of this.#waiting.keys()) {
        socket.destroy();
      }
    });
  }
}

function urlOf(server: WsServer): string {
  return `ws://${HOST}:${server.address().port}/`;
}

/** One that wants to be let in, and whether it is. */
interface Knock {
  readonly peer: LocalPeer;
  readonly isLetIn: boolean;
  readonly protocol: string;
}

/** Those who were not let in, yet or at all. */
type Waiting = Map<Request, Knock | undefined>;

async function knock(
  server: string,
  { url = "/", headers }: Request,
  accept: (peer: LocalPeer) => Verdict | Promise<Verdict>,
): Promise<Knock> {
  const offer = headers["sec-websocket-protocol"];
  const subprotocols = typeof offer == "string" ? offer.split(",").map((name) => name.trim()) : [];
  const peer = new LocalPeer(new URL(url, server).href, subprotocols, headers);
  const verdict = await Promise.resolve(peer)
    .then(accept)
    .catch(() => false);
  const protocol = typeof verdict == "string" ? verdict : (subprotocols[0] ?? "");
  const isOnOffer = !protocol || subprotocols.includes(protocol);
  return { peer, isLetIn: verdict !== false && isOnOffer, protocol };
}
