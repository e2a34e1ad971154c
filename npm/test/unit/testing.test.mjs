// A server in memory, as the tests of an application use it.

import assert from "node:assert/strict";
import { before, test } from "node:test";

import { entry, story } from "../lib/package.mjs";
import { VirtualTime } from "../lib/virtual.mjs";

const { QWebSocket, reconnecting } = await entry("reconnecting");
const { webSocket } = await entry("websocket");
const { MemoryServer } = await entry("testing");
const time = new VirtualTime();
before(() => time.install());

const TYPES = ["textMessageReceived", "errorOccurred", "disconnected"];

/** A socket, its peer, and what it tells. */
async function connected(options = {}, server = new MemoryServer()) {
  const socket = new QWebSocket({ webSocket: server.WebSocket, ...options });
  const words = story(socket, TYPES);
  await socket.open("ws://test/chat?a=b", { subprotocols: ["v2", "v1"] });
  const peer = await server.next();
  await time.settle();
  return { socket, server, peer, words };
}

test("what each end sends the other has, in its order", async () => {
  const { socket, peer, words } = await connected();
  assert.deepEqual([peer.url, peer.subprotocols], ["ws://test/chat?a=b", ["v2", "v1"]]);
  assert.equal(socket.subprotocol, "v2");
  const binary = [];
  socket.onbinaryMessageReceived = ({ message }) => binary.push(...new Uint8Array(message));
  const bytes = Uint8Array.of(1, 2);
  socket.sendTextMessage("grüß");
  socket.sendBinaryMessage(bytes);
  peer.send("Gott");
  peer.send(bytes);
  peer.send("€");
  bytes.fill(9);
  assert.equal(await peer.next(), "grüß");
  assert.deepEqual(new Uint8Array(await peer.next()), Uint8Array.of(1, 2));
  await time.settle();
  assert.deepEqual(words, ["textMessageReceived Gott", "textMessageReceived €"]);
  assert.deepEqual(binary, [1, 2]);
  assert.equal(peer.received.length, 2);
  socket.abort();
});

test("the client closes, behind what it has sent", async () => {
  const { socket, peer, words } = await connected();
  socket.sendTextMessage("last");
  socket.close(4000, "bye");
  const messages = [];
  for await (const message of peer) {
    messages.push(message);
  }
  assert.deepEqual(messages, ["last"]);
  assert.equal(await peer.next(), undefined);
  assert.deepEqual(await peer.closed, { code: 4000, reason: "bye", wasClean: true });
  assert.deepEqual([socket.peerCloseCode, words], [4000, ["disconnected"]]);
  peer.send("too late");
  peer.close();
  await time.settle();
  assert.deepEqual(words, ["disconnected"]);
});

test("the server closes, with a code that no client may send", async () => {
  const { socket, peer, words } = await connected();
  const next = peer.next();
  assert.throws(() => peer.close(1012, "é".repeat(62)), { name: "SyntaxError" });
  peer.send("last");
  peer.close(1012, "restart");
  peer.send("not sent");
  assert.equal(await next, undefined);
  await time.settle();
  assert.deepEqual(words, ["textMessageReceived last", "disconnected"]);
  assert.deepEqual([socket.closeCode, socket.closeReason], [1012, "restart"]);
});

test("the connection is lost", async () => {
  const { socket, peer, words } = await connected();
  peer.drop();
  assert.deepEqual(await peer.closed, { code: 1006, reason: "", wasClean: false });
  await time.settle();
  assert.deepEqual(words, ["errorOccurred RemoteClosed", "disconnected"]);
  assert.equal(socket.closeCode, 1006);
});

test("a server that refuses, chooses a subprotocol, or does not answer", async () => {
  const server = new MemoryServer({
    accept({ url, subprotocols }) {
      const { pathname } = new URL(url);
      if (pathname === "/throws") {
        throw new Error("no");
      }
      return {
        "/refuse": false,
        "/choose": subprotocols[1],
        "/none": "",
        "/invent": "v3",
        "/silent": new Promise(() => {}),
      }[pathname];
    },
  });
  const options = { webSocket: server.WebSocket, openTimeout: 500 };
  const open = (path) => {
    const socket = new QWebSocket(options);
    return socket
      .open(`ws://test/${path}`, { subprotocols: ["v2", "v1"] })
      .then(() => socket.subprotocol)
      .catch(({ kind }) => kind);
  };
  assert.equal(await open("refuse"), "Connection");
  assert.equal(await open("throws"), "Connection");
  assert.equal(await open("choose"), "v1");
  assert.equal(await open("none"), "");
  assert.equal(await open("invent"), "Connection");
  assert.equal(await open("else"), "v2");
  const silent = open("silent");
  await time.pass(499);
  assert.equal(await Promise.race([silent, "waits"]), "waits");
  await time.pass(100);
  assert.equal(await silent, "TimedOut");
  assert.equal(server.peers.length, 3);
});

test("a server that does not answer a close frame", async () => {
  const { socket, peer } = await connected({ closeTimeout: 300 });
  peer.isSilent = true;
  socket.close();
  await time.pass(299);
  assert.equal(socket.state, "closing");
  await time.pass(100);
  assert.deepEqual([socket.state, socket.peerCloseCode], ["unconnected", undefined]);
});

test("a server that does not read", async () => {
  const { socket, peer } = await connected({ writeQueue: 10 });
  peer.pause();
  socket.sendTextMessage("six by");
  await time.settle();
  assert.deepEqual([socket.bytesToWrite, peer.received], [6, []]);
  assert.throws(() => socket.sendTextMessage("tes.."), { kind: "QueueFull" });
  peer.resume();
  assert.deepEqual(peer.received, ["six by"]);
  await time.pass(1_000);
  assert.equal(socket.bytesToWrite, 0);
  socket.abort();
});

test("a server that does not read does not answer a close frame either", async () => {
  const { socket, peer } = await connected();
  peer.pause();
  socket.sendTextMessage("last");
  socket.close(4000, "bye");
  await time.settle();
  assert.deepEqual([socket.state, peer.received], ["closing", []]);
  peer.resume();
  assert.deepEqual(await peer.closed, { code: 4000, reason: "bye", wasClean: true });
  assert.deepEqual([await peer.next(), await peer.next()], ["last", undefined]);
  assert.equal(socket.state, "unconnected");
});

test("keep-alives, by the time of the test", async () => {
  const keepAlive = { interval: 100, limit: 50, probe: "there?", isAnswer: (m) => m === "yes" };
  const { socket, peer, words } = await connected({ keepAlive });
  await time.pass(101);
  assert.deepEqual(peer.received, ["there?"]);
  peer.send("yes");
  await time.pass(101);
  assert.deepEqual([peer.received, words], [["there?", "there?"], []]);
  await time.pass(60);
  assert.deepEqual(words, ["errorOccurred TimedOut", "disconnected"]);
  assert.equal(socket.state, "unconnected");
});

test("a connection that comes back, by the time of the test", async () => {
  const server = new MemoryServer();
  const socket = reconnecting("ws://test/", { webSocket: server.WebSocket, seed: 1 });
  let delay;
  socket.onwaiting = (event) => ({ delay } = event);
  socket.send("first");
  await time.settle();
  const first = await server.next();
  assert.equal(await first.next(), "first");
  first.drop();
  await time.settle();
  socket.send("second");
  assert.equal(server.peers.length, 1);
  await time.pass(delay + 10);
  const second = await server.next();
  assert.equal(await second.next(), "second");
  socket.close();
  await time.settle();
  assert.equal((await second.closed).code, 1000);
});

test("its class does what is used of the platform's, and a whole one is made over it", async () => {
  const server = new MemoryServer();
  for (const Class of [server.WebSocket, webSocket({ webSocket: server.WebSocket })]) {
    const socket = new Class("ws://test/", "chat");
    const events = [];
    for (const type of ["open", "message", "error", "close"]) {
      socket.addEventListener(type, ({ type, data, code }) => events.push(data ?? code ?? type));
    }
    const peer = await server.next();
    await time.settle();
    assert.throws(() => new Class("ftp://test/"), { name: "SyntaxError" });
    socket.send("hello");
    assert.equal(await peer.next(), "hello");
    peer.send("you");
    peer.send(Uint8Array.of(1));
    peer.drop();
    await time.settle();
    assert(events[2] instanceof Blob);
    events.splice(2, 1);
    assert.deepEqual(events, ["open", "you", "error", 1006]);
  }
});

test("given up before it is open, it was never there", async () => {
  const server = new MemoryServer();
  const socket = new QWebSocket({ webSocket: server.WebSocket });
  const opening = socket.open("ws://test/");
  socket.abort();
  await assert.rejects(opening, { name: "AbortError" });
  await time.settle();
  assert.deepEqual(server.peers, []);
});
