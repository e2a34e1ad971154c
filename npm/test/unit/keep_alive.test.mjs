// Whom a keep-alive judges, in virtual time: nobody whom we have not listened to.

import assert from "node:assert/strict";
import { test } from "node:test";

import { connected, entry, FakeSocket } from "../lib/package.mjs";
import { VirtualTime } from "../lib/virtual.mjs";

const package_ = await entry("index");
const time = new VirtualTime();
const keepAlive = { interval: 100, limit: 50, probe: "there?", isAnswer: (text) => text === "yes" };

async function judged(options = {}) {
  time.install();
  const [socket, fake] = await connected(package_, { keepAlive, ...options });
  await time.settle();
  return [socket, fake];
}

test("a silent peer is asked, and then given up", async () => {
  const [socket, fake] = await judged();
  await time.pass(99);
  assert.deepEqual(fake.sent, []);
  await time.pass(2);
  assert.deepEqual(fake.sent, ["there?"]);
  fake.receives("yes");
  await time.pass(101);
  assert.deepEqual([fake.sent.length, socket.state], [2, "connected"]);
  await time.pass(51);
  assert.deepEqual([socket.state, socket.error.kind], ["unconnected", "TimedOut"]);
});

test("a timer that was asleep does not judge before what has arrived is told", async () => {
  const [socket, fake] = await judged();
  await time.pass(101);
  assert.equal(fake.sent.length, 1);
  // Nothing runs for an hour; then the timers come first.
  time.now += 3_600_000;
  await time.pass(10);
  assert.equal(socket.state, "connected");
  fake.receives("yes");
  await time.pass(60);
  assert.equal(socket.state, "connected");
  // A peer that is silent then is given up all the same.
  await time.pass(400);
  assert.equal(socket.state, "unconnected");
});

test("who does not read does not judge", async () => {
  class Pausing extends FakeSocket {
    isPaused = false;
    pause() {
      this.isPaused = true;
    }
    resume() {
      this.isPaused = false;
    }
  }
  const [socket, fake] = await judged({ webSocket: Pausing, readBufferSize: 3 });
  const messages = socket.messages();
  fake.receives("12345");
  assert.equal(fake.isPaused, true);
  await time.pass(10_000);
  assert.equal(socket.state, "connected");
  assert.equal((await messages.next()).value, "12345");
  assert.equal(fake.isPaused, false);
  await time.pass(40);
  assert.equal(socket.state, "connected");
  await time.pass(400);
  assert.deepEqual([socket.state, socket.error.kind], ["unconnected", "TimedOut"]);
});
