// How a connection was closed, and what of that the peer has said.

import assert from "node:assert/strict";
import { test } from "node:test";

import { connected, entry, FakeSocket, task } from "../lib/package.mjs";

const OURS = 4001;

/** What happens behind our own close, and what is then told. */
const ENDS = {
  "an answer": { tell: (fake) => fake.ends(OURS, true, "done"), peer: [OURS, "done"] },
  "another code": { tell: (fake) => fake.ends(1012, true, "restart"), peer: [1012, "restart"] },
  "no code": { tell: (fake) => fake.ends(1005, true), peer: [1005, ""] },
  silence: { tell: (fake) => fake.ends(1006, false), peer: [undefined, ""] },
};

for (const [name, { tell, peer }] of Object.entries(ENDS)) {
  test(`an own close that meets ${name}`, async () => {
    const [socket, fake] = await connected(await entry("index"));
    assert.deepEqual([socket.peerCloseCode, socket.peerCloseReason], [undefined, ""]);
    socket.close(OURS, "bye");
    tell(fake);
    assert.deepEqual(
      [socket.state, socket.peerCloseCode, socket.peerCloseReason],
      ["unconnected", ...peer],
    );

    const opening = socket.open("ws://fake/");
    assert.deepEqual([socket.peerCloseCode, socket.peerCloseReason], [undefined, ""]);
    socket.abort();
    await assert.rejects(opening, { name: "AbortError" });
  });
}

/** A connection that comes back, with a message on its way: what `ended` gets, and what `decide`. */
async function endings(close, tell) {
  const { reconnecting } = await entry("reconnecting");
  let ended, decided;
  const decide = (ending) => {
    decided = ending;
    return "giveUp";
  };
  const socket = reconnecting("ws://fake/", { webSocket: FakeSocket, decide });
  socket.onended = (event) => (ended = event);
  await task();
  const fake = FakeSocket.last;
  fake.opens();
  await task();
  socket.send("on its way");
  close(socket);
  await task();
  tell(fake);
  await task();
  return { ended, decided };
}

test("`ended` and `decide` get the peer's own close frame", async () => {
  const nothing = () => {};
  const { ended, decided } = await endings(nothing, (fake) => fake.ends(1012, true, "restart"));
  for (const { closeCode, peerCloseCode, peerCloseReason } of [ended, decided]) {
    assert.deepEqual([closeCode, peerCloseCode, peerCloseReason], [1012, 1012, "restart"]);
  }
  const lost = await endings(nothing, (fake) => fake.ends(1006, false));
  for (const { closeCode, peerCloseCode, peerCloseReason } of [lost.ended, lost.decided]) {
    assert.deepEqual([closeCode, peerCloseCode, peerCloseReason], [1006, undefined, ""]);
  }
});

test("a close frame that crossed ours leaves messages unknown, an answer does not", async () => {
  const told = async (tell) => {
    const { ended } = await endings((socket) => socket.close(OURS), tell);
    return [ended.peerCloseCode, ended.unknown];
  };
  assert.deepEqual(await told((fake) => fake.ends(1012, true)), [1012, [0, 1]]);
  assert.deepEqual(await told((fake) => fake.ends(OURS, true)), [OURS, [1, 1]]);
  assert.deepEqual(await told((fake) => fake.ends(1006, false)), [undefined, [0, 1]]);
});
