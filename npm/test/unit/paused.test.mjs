// The option `paused`: nothing runs before `reconnectNow`.

import assert from "node:assert/strict";
import { before, test } from "node:test";

import { entry, FakeSocket, story } from "../lib/package.mjs";
import { VirtualTime } from "../lib/virtual.mjs";

const { reconnecting } = await entry("reconnecting");
const time = new VirtualTime();
before(() => time.install());

const TYPES = ["attempt", "connected", "ended", "givenUp", "offline", "dropped"];

/** One that is paused, what it tells, and the sockets that were made since. */
function paused(options = {}) {
  const made = FakeSocket.all.length;
  const all = { webSocket: FakeSocket, seed: 1, paused: true, ...options };
  const socket = reconnecting("ws://fake/", all);
  const words = story(socket, TYPES);
  return { socket, words, made: () => FakeSocket.all.slice(made) };
}

// First, since an instance that is there needs no other.
test("a server that renders a page needs no WebAssembly for it", async () => {
  const { Module } = WebAssembly;
  WebAssembly.Module = class {
    constructor() {
      throw new WebAssembly.CompileError("none here");
    }
  };
  try {
    const { socket, words, made } = paused();
    await time.pass(100_000);
    assert.deepEqual([socket.state, words, made(), time.timers], ["unconnected", [], [], 0]);
    assert.throws(() => socket.reconnectNow(), { kind: "Unsupported" });
  } finally {
    WebAssembly.Module = Module;
  }
});

test("begins when it is told to", async () => {
  const { socket, words, made } = paused();
  await time.settle();
  socket.reconnectNow();
  await time.settle();
  made()[0].opens();
  await time.settle();
  assert.deepEqual([socket.state, words], ["connected", ["attempt", "connected"]]);
  assert.equal(made().length, 1);
  socket.abort();
});

test("what is sent before goes out then, with its numbers", async () => {
  const { socket, words, made } = paused();
  assert.deepEqual([socket.send("a"), socket.send("b"), socket.unwritten], [0, 1, 2]);
  await time.pass(100_000);
  assert.deepEqual([words, made()], [[], []]);
  socket.reconnectNow();
  await time.settle();
  made()[0].opens();
  await time.settle();
  assert.deepEqual(made()[0].sent, ["a", "b"]);
  assert.equal(socket.send("c"), 2);
  socket.abort();
});

test("its queue has the same bound", async () => {
  const { socket } = paused({ queue: 100 });
  socket.send("x".repeat(60));
  assert.throws(() => socket.send("x".repeat(60)), { kind: "QueueFull" });
  const { socket: dropping, words } = paused({ queue: 100, whenFull: "dropOldest" });
  dropping.send("x".repeat(60));
  dropping.send("y".repeat(60));
  assert.deepEqual(words, []);
  dropping.reconnectNow();
  await time.settle();
  assert.deepEqual(words.toSorted(), ["attempt", `dropped ${"x".repeat(60)}`]);
  socket.abort();
  dropping.abort();
});

for (const end of ["close", "abort"]) {
  test(`${end}: there will be no connection, and what was sent can be taken back`, async () => {
    const { socket, words, made } = paused();
    socket.send("a");
    socket[end]();
    await time.pass(100_000);
    assert.deepEqual([words, made()], [[], []]);
    assert.throws(() => socket.send("b"), { kind: "WrongState" });
    assert.deepEqual(socket.takeUnsent(), [[0, "a"]]);
    socket.reconnectNow();
    await time.settle();
    assert.deepEqual([words, made().length], [["attempt"], 1]);
    socket.abort();
  });

  test(`${end} before anything was sent`, async () => {
    const { socket, words } = paused();
    socket[end]();
    assert.throws(() => socket.send("b"), { kind: "WrongState" });
    assert.deepEqual([words, socket.takeUnsent(), time.timers], [[], [], 0]);
  });
}

test("a signal that aborts ends it", async () => {
  const aborter = new AbortController();
  const { socket, made } = paused({ signal: aborter.signal });
  aborter.abort();
  assert.throws(() => socket.send("b"), { kind: "WrongState" });
  const { socket: other } = paused({ signal: AbortSignal.abort() });
  await time.settle();
  assert.throws(() => other.send("b"), { kind: "WrongState" });
  assert.deepEqual(made(), []);
});

test("what is told of the network before counts then", async () => {
  const { socket, words, made } = paused();
  socket.setOnline(false);
  socket.reconnectNow();
  await time.pass(100_000);
  assert.deepEqual([words, made()], [["offline"], []]);
  socket.setOnline(true);
  await time.settle();
  assert.deepEqual([words, made().length], [["offline", "attempt"], 1]);
  socket.abort();
});
