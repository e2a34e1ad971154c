// Bounds in bytes: of a text they count its UTF-8, whatever other bounds there are.

import assert from "node:assert/strict";
import { test } from "node:test";

import { connected, entry, task } from "../lib/package.mjs";

const BOUND = 12;
/** A text of so many bytes or fewer fits beside one byte that waits. */
const TEXTS = {
  ASCII: ["a".repeat(11), "a".repeat(12)],
  "two bytes a unit": ["ä".repeat(5), "ä".repeat(6)],
  "three bytes a unit": ["世".repeat(3), "世".repeat(4)],
  "four bytes in two units": ["👋".repeat(2), "👋".repeat(3)],
  "half of a pair, which is sent as U+FFFD": ["\u{d800}".repeat(3), "\u{d800}".repeat(4)],
};
const OTHERS = [{}, { maxAllowedIncomingMessageSize: 4 }, { receiveQueue: 4 }];

for (const [name, [fits, exceeds]] of Object.entries(TEXTS)) {
  test(`writeQueue counts the bytes of a text: ${name}`, async (t) => {
    for (const others of OTHERS) {
      const options = { writeQueue: BOUND, ...others };
      const [socket, fake] = await connected(await entry("index"), options);
      t.after(() => socket.abort());
      fake.bufferedAmount = 1;
      assert.throws(() => socket.sendTextMessage(exceeds), { kind: "QueueFull" });
      assert.deepEqual(fake.sent, []);
      assert.equal(socket.sendTextMessage(fits), Buffer.byteLength(fits));
      assert.deepEqual(fake.sent, [fits]);
    }
  });

  test(`receiveQueue counts the bytes of a text: ${name}`, async (t) => {
    for (const [text, isTold] of [
      [fits, true],
      [exceeds, false],
    ]) {
      const bound = Buffer.byteLength(exceeds) - 1;
      const [socket, fake] = await connected(await entry("index"), { receiveQueue: bound });
      t.after(() => socket.abort());
      await task();
      const told = [];
      socket.ontextMessageReceived = ({ message }) => told.push(message);
      fake.receives("");
      fake.receives(text);
      assert.deepEqual(told, isTold ? ["", text] : [""]);
      assert.equal(socket.error?.kind, isTold ? undefined : "TooLarge");
    }
  });
}
