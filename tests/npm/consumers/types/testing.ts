// A server in memory.

import { QWebSocket, type Received } from "qwebsocket";
import {
  LocalServer,
  MemoryServer,
  type CloseInit,
  type LocalPeer,
  type MemoryPeer,
  type Peer,
} from "qwebsocket/testing";

import { exactly } from "./exactly.js";

const server = new MemoryServer({
  accept: async ({ url, subprotocols }) => {
    exactly<string>()(url);
    exactly<readonly string[]>()(subprotocols);
    return url.startsWith("wss:") ? "chat" : false;
  },
});
new QWebSocket({ webSocket: server.WebSocket });
const peer = await server.next();
exactly<MemoryPeer>()(peer);
exactly<MemoryPeer[]>()(server.peers);
exactly<void>()(peer.send(Uint8Array.of(1)));
exactly<void>()(peer.close(1012, "restart"));
exactly<Received | undefined>()(await peer.next());
exactly<CloseInit>()(await peer.closed);
for await (const message of peer) {
  exactly<Received>()(message);
}

// @ts-expect-error: numbers are not sent
peer.send(1);
// @ts-expect-error: no verdict
new MemoryServer({ accept: () => 404 });

const local = await LocalServer.start({
  WebSocketServer,
  accept: ({ headers }) => headers["authorization"] === "Bearer token",
});
exactly<string>()(local.url);
exactly<LocalPeer>()(await local.next());
exactly<Promise<void>>()(local.stop());
const ends: Peer[] = [...local.peers, ...server.peers];
exactly<Received[]>()(ends[0]!.received);
// @ts-expect-error: nothing to listen with
LocalServer.start({});
declare const WebSocketServer: new (options?: { port?: number }, callback?: () => void) => Listening;
interface Listening {
  close(done?: (error?: Error) => void): void;
}
