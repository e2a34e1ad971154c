// A real server, as the tests of an application use it.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { WebSocket, WebSocketServer } from "ws";

import { entry } from "../lib/package.mjs";

const { QWebSocket } = await entry("index");
const { LocalServer } = await entry("testing");

let server;
before(async () => (server = await LocalServer.start({ WebSocketServer, accept })));
after(() => server.stop());

function accept({ url, subprotocols }) {
  const { pathname } = new URL(url);
  if (pathname === "/throws") {
    throw new Error("no");
  }
  return { "/refuse": false, "/choose": subprotocols[1], "/none": "", "/invent": "v3" }[pathname];
}

/** A socket and its peer. */
async function connected(path = "chat?a=b", options = {}) {
  const socket = new QWebSocket({ webSocket: WebSocket, ...options });
  const headers = { authorization: "Bearer token" };
  await socket.open(`${server.url}${path}`, { subprotocols: ["v2", "v1"], headers });
  return { socket, peer: await server.next() };
}

test("what each end sends the other has, in its order", async () => {
  const { socket, peer } = await connected();
  assert.deepEqual([peer.url, peer.subprotocols], [`${server.url}chat?a=b`, ["v2", "v1"]]);
  assert.equal(peer.headers.authorization, "Bearer token");
  assert.equal(socket.subprotocol, "v2");
  const messages = socket.messages();
  socket.sendTextMessage("grüß");
  socket.sendBinaryMessage(Uint8Array.of(1, 2));
  peer.send("Gott");
  peer.send(Uint8Array.of(3));
  assert.throws(() => peer.send(1), TypeError);
  assert.equal(await peer.next(), "grüß");
  assert.deepEqual(new Uint8Array(await peer.next()), Uint8Array.of(1, 2));
  assert.equal((await messages.next()).value, "Gott");
  assert.deepEqual(new Uint8Array((await messages.next()).value), Uint8Array.of(3));
  assert.equal(peer.received.length, 2);
  socket.sendTextMessage("last");
  socket.close(4000, "bye");
  const rest = [];
  for await (const message of peer) {
    rest.push(message);
  }
  assert.deepEqual(rest, ["last"]);
  assert.deepEqual(await peer.closed, { code: 4000, reason: "bye", wasClean: true });
  peer.send("too late");
});

test("the server closes, or is gone", async () => {
  const { socket, peer } = await connected();
  assert.throws(() => peer.close(1005));
  peer.close(1012, "restart");
  for await (const _ of socket);
  assert.deepEqual([socket.closeCode, socket.closeReason], [1012, "restart"]);
  const other = await connected();
  const messages = other.socket.messages();
  other.peer.drop();
  await assert.rejects(messages.next(), { kind: "RemoteClosed" });
  assert.deepEqual(await other.peer.closed, { code: 1006, reason: "", wasClean: false });
});

test("a server that does not read does not answer a close frame", async () => {
  const { socket, peer } = await connected("", { closeTimeout: 1 });
  peer.pause();
  socket.sendTextMessage("last");
  const events = socket.events();
  socket.close();
  for await (const _ of events);
  assert.deepEqual([socket.peerCloseCode, peer.received], [undefined, []]);
  peer.resume();
  assert.equal(await peer.next(), "last");
});

test("one that is refused, and a subprotocol that is chosen", async () => {
  const subprotocols = ["v2", "v1"];
  const open = async (path) => {
    const socket = new QWebSocket({ webSocket: WebSocket });
    await socket.open(`${server.url}${path}`, { subprotocols });
    socket.abort();
    return socket.subprotocol;
  };
  const before = server.peers.length;
  // A client that offers some wants one of them.
  for (const path of ["refuse", "throws", "invent", "none"]) {
    await assert.rejects(open(path), { kind: "Connection" });
  }
  assert.equal(await open("choose"), "v1");
  const urls = server.peers.slice(before).map(({ url }) => new URL(url).pathname);
  assert.deepEqual(urls, ["/none", "/choose"]);
});

test("stopping ends what is connected and what waits, and frees the port", async () => {
  let knocks;
  const knocked = new Promise((resolve) => (knocks = resolve));
  const first = await LocalServer.start({
    WebSocketServer,
    accept: ({ url }) => (url.endsWith("wait") ? (knocks(), new Promise(() => {})) : true),
  });
  const socket = new QWebSocket({ webSocket: WebSocket });
  await socket.open(first.url);
  const waits = new QWebSocket({ webSocket: WebSocket }).open(`${first.url}wait`);
  const failure = assert.rejects(waits, { kind: "Connection" });
  await knocked;
  const port = Number(new URL(first.url).port);
  await assert.rejects(LocalServer.start({ WebSocketServer, port }), { code: "EADDRINUSE" });
  const messages = socket.messages();
  await first.stop();
  await failure;
  await assert.rejects(messages.next(), { kind: "RemoteClosed" });
});
