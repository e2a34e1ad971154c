// The class of the platform's shape, whose objects connect again.

import assert from "node:assert/strict";
import { before, test } from "node:test";

import { entry, FakeSocket } from "../lib/package.mjs";
import { VirtualTime } from "../lib/virtual.mjs";

const { webSocket } = await entry("websocket");
const time = new VirtualTime();
before(() => time.install());

/** An object, and what it tells in words. */
function connecting(options = {}) {
  const Class = webSocket({ webSocket: FakeSocket, reconnecting: true, seed: 1, ...options });
  const socket = new Class("ws://fake/", "chat");
  const words = [];
  const tell = (word) => words.push(`${word} ${socket.readyState}`);
  socket.onopen = () => tell("open");
  socket.onerror = () => tell("error");
  socket.onmessage = ({ data }) => tell(data);
  socket.onclose = ({ code, wasClean }) => tell(`close ${code} ${wasClean}`);
  return { socket, words };
}

const opens = async () => {
  await time.settle();
  FakeSocket.last.opens();
  await time.settle();
};

test("tells each connection, and keeps what is sent for the next one", async () => {
  const { socket, words } = connecting();
  socket.send("early");
  await opens();
  assert.deepEqual([FakeSocket.last.protocols, FakeSocket.last.sent], [["chat"], ["early"]]);
  FakeSocket.last.receives("hello");
  FakeSocket.last.ends(1012, true);
  await time.settle();
  assert.deepEqual(words.splice(0), ["open 1", "hello 1", "close 1012 true 0"]);
  socket.send("late");
  await time.pass(10_000);
  await opens();
  assert.deepEqual(FakeSocket.last.sent, ["late"]);
  FakeSocket.last.ends();
  await time.settle();
  assert.deepEqual(words.splice(0), ["open 1", "error 0", "close 1006 false 0"]);
  await time.pass(10_000);
  FakeSocket.last.ends();
  await time.settle();
  assert.deepEqual(words.splice(0), ["error 0", "close 1006 false 0"]);
  socket.close();
  await time.settle();
  assert.deepEqual([words, socket.readyState], [["error 3", "close 1006 false 3"], 3]);
  const made = FakeSocket.all.length;
  await time.pass(100_000);
  assert.deepEqual([FakeSocket.all.length, time.timers], [made, 0]);
});

test("its own close is the last", async () => {
  const { socket, words } = connecting();
  await opens();
  socket.close(3000);
  socket.send("discarded");
  assert.deepEqual([socket.readyState, socket.bufferedAmount], [2, 9]);
  FakeSocket.last.ends(3000, true);
  await time.settle();
  assert.deepEqual(words, ["open 1", "close 3000 true 3"]);
  assert.deepEqual(FakeSocket.last.sent, []);
  assert.equal(time.timers, 0);
});

test("given up, it is closed", async () => {
  const { socket, words } = connecting({ attempts: 1 });
  await time.settle();
  FakeSocket.last.ends();
  await time.settle();
  assert.deepEqual([words, socket.readyState], [["error 3", "close 1006 false 3"], 3]);
  socket.send("€");
  assert.equal(socket.bufferedAmount, 3);
});

test("a code that the application has for good is the last, too", async () => {
  const { words } = connecting();
  await opens();
  FakeSocket.last.ends(4001, true);
  await time.settle();
  assert.deepEqual(words, ["open 1", "close 4001 true 3"]);
});

test("its queue has its bound", () => {
  const { socket } = connecting({ queue: 100 });
  socket.send("x".repeat(60));
  assert.throws(() => socket.send("x".repeat(60)), { kind: "QueueFull" });
  socket.close();
});
