// What the core is not asked for each message is told in the same order, and counted to the byte.

import assert from "node:assert/strict";
import { test } from "node:test";

import { connected, entry, FakeSocket, story, task } from "../lib/package.mjs";

/** A class that has written at once what it is told to write. */
class Writing extends FakeSocket {
  send(data) {
    super.send(data);
    this.bufferedAmount += Buffer.byteLength(data);
  }
  writes(bytes = this.bufferedAmount) {
    this.bufferedAmount -= bytes;
  }
}

async function writing(t, options = {}) {
  const { QWebSocket } = await entry("index");
  const [socket] = await connected({ QWebSocket }, { webSocket: Writing, ...options });
  t.after(() => socket.abort());
  await task();
  let bytes = 0;
  socket.onbytesWritten = (event) => (bytes += event.bytes);
  return { socket, fake: FakeSocket.last, written: () => bytes };
}

test("many messages in one task are counted as they are written", async (t) => {
  const { socket, fake, written } = await writing(t);
  const sent = Array.from({ length: 100 }, (_, index) => "x".repeat(index));
  const bytes = sent.reduce((sum, text) => sum + socket.sendTextMessage(text), 0);
  assert.deepEqual(fake.sent, sent);
  assert.equal(socket.bytesToWrite, bytes);
  fake.writes(1000);
  assert.equal(socket.bytesToWrite, bytes - 1000);
  const drained = socket.drained();
  assert.equal(written(), 1000);
  fake.writes();
  await drained;
  assert.equal(written(), bytes);
});

test("what was written is told behind the message that told of it", async (t) => {
  const { socket, fake } = await writing(t);
  const words = story(socket, ["textMessageReceived", "bytesWritten"]);
  fake.receives("first");
  fake.receives("second");
  socket.sendTextMessage("a");
  socket.sendTextMessage("bc");
  fake.writes();
  fake.receives("third");
  await task();
  fake.receives("fourth");
  assert.deepEqual(words, [
    "textMessageReceived first",
    "textMessageReceived second",
    "textMessageReceived third",
    "bytesWritten",
    "textMessageReceived fourth",
  ]);
});

test("a listener that closes or sends is followed by nothing that it has ended", async (t) => {
  const { socket, fake } = await writing(t);
  const words = story(socket, ["textMessageReceived", "stateChanged", "disconnected"]);
  socket.addEventListener("textMessageReceived", ({ message }) => {
    if (message === "bye") {
      socket.abort();
    } else {
      socket.sendTextMessage(message);
    }
  });
  for (const text of ["a", "b", "bye", "c"]) {
    fake.receives(text);
    fake.writes();
  }
  assert.deepEqual(words, [
    "textMessageReceived a",
    "textMessageReceived b",
    "textMessageReceived bye",
    "stateChanged unconnected",
    "disconnected",
  ]);
  assert.deepEqual(fake.sent, ["a", "b"]);
  assert.throws(() => socket.sendTextMessage("late"), { kind: "WrongState" });
});

test("a message over a limit is refused behind any number that were not", async (t) => {
  const { socket, fake } = await writing(t, { maxAllowedIncomingMessageSize: 4 });
  const words = story(socket, ["textMessageReceived", "errorOccurred"]);
  for (const text of ["1", "22", "333", "4444", "55555", "6"]) {
    fake.receives(text);
  }
  assert.deepEqual(words.slice(-2), ["textMessageReceived 4444", "errorOccurred TooLarge"]);
});

test("after a class has begun to close nothing is sent", async (t) => {
  const { socket, fake } = await writing(t);
  socket.sendTextMessage("a");
  socket.sendTextMessage("b");
  fake.readyState = 2;
  assert.throws(() => socket.sendTextMessage("c"), { kind: "WrongState" });
  assert.deepEqual(fake.sent, ["a", "b"]);
  fake.ends(1000, true);
  assert.equal(socket.state, "unconnected");
});

test("what the class tells within `send` is told behind it", async (t) => {
  class Echoing extends Writing {
    send(data) {
      super.send(data);
      this.writes();
      this.receives(data);
    }
  }
  const { QWebSocket } = await entry("index");
  const [socket] = await connected({ QWebSocket }, { webSocket: Echoing });
  t.after(() => socket.abort());
  await task();
  const order = [];
  socket.ontextMessageReceived = ({ message }) => order.push(message, socket.bytesToWrite);
  for (const text of ["a", "b", "c"]) {
    socket.sendTextMessage(text);
  }
  assert.deepEqual(order, ["a", 0, "b", 0, "c", 0]);
});
