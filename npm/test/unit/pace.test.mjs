// When a buffer is looked at that nobody tells of.

import assert from "node:assert/strict";
import { before, test } from "node:test";

import { entry, FakeSocket } from "../lib/package.mjs";
import { VirtualTime } from "../lib/virtual.mjs";

const { reconnecting } = await entry("reconnecting");
const time = new VirtualTime();
before(() => time.install());

/** Each is a part of what is handed over at once, and all are many times as much. */
const SIZE = 64 * 1024;
const COUNT = 100;
/** So many milliseconds may pass for each. */
const MS = 4;

test("a queue goes out as fast as there is room, however long it is", async () => {
  const socket = reconnecting("ws://fake/", { webSocket: FakeSocket, queue: Infinity });
  await time.settle();
  const fake = FakeSocket.last;
  let most = 0;
  fake.send = (data) => {
    fake.sent.push(data);
    fake.bufferedAmount += data.byteLength;
    most = Math.max(most, fake.bufferedAmount);
  };
  fake.opens();
  await time.settle();
  for (let count = 0; count < COUNT; count++) {
    socket.send(new Uint8Array(SIZE));
  }
  for (let ms = 0; ms < COUNT * MS && fake.sent.length < COUNT; ms++) {
    fake.bufferedAmount = 0;
    await time.pass(1);
  }
  assert.equal(fake.sent.length, COUNT);
  assert(most < (SIZE * COUNT) / 10, `${most} bytes at once`);
  socket.abort();
});
