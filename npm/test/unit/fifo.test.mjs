// The queue that everything waits in, tried by what iterators do with it.

import assert from "node:assert/strict";
import { test } from "node:test";

import { connected, entry, task } from "../lib/package.mjs";

test("messages come in their order, however many wait", async () => {
  const [socket, fake] = await connected(await entry("index"));
  await task();
  const messages = socket.messages();
  let pushed = 0;
  let taken = 0;
  for (const [pushes, takes] of [
    [1, 1],
    [3, 2],
    [0, 1],
    [2000, 700],
    [1, 600],
    [0, 701],
    [5, 5],
  ]) {
    for (let index = 0; index < pushes; index++) {
      fake.receives(`${pushed++}`);
    }
    for (let index = 0; index < takes; index++) {
      assert.equal((await messages.next()).value, `${taken++}`);
    }
  }
  assert.equal(taken, pushed);
  socket.abort();
});
