// What is over is gone: neither a long-lived signal nor the package itself keeps it.

import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { test } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

import { connected, entry, FakeSocket, task } from "../lib/package.mjs";

setFlagsFromString("--expose-gc");
const gc = runInNewContext("gc");

const { QWebSocket } = await entry("index");
const { reconnecting } = await entry("reconnecting");

const COUNT = 200;
/** The engine may still hold the last ones. */
const HELD = 4;
/** So often garbage is collected until that is gone. */
const PATIENCE = 100;

/** Makes so many objects, and waits until they are gone, and what is left on a signal with them. */
async function assertGone(make, signal = new AbortController().signal) {
  const left = () => getEventListeners(signal, "abort").length;
  let gone = 0;
  const registry = new FinalizationRegistry(() => gone++);
  for (let count = 0; count < COUNT; count++) {
    registry.register(await make(), undefined);
  }
  FakeSocket.all.length = 0;
  FakeSocket.last = undefined;
  for (let turn = 0; turn < PATIENCE && (gone < COUNT - HELD || left() > HELD); turn++) {
    gc();
    await task();
  }
  assert(gone >= COUNT - HELD, `${gone} of ${COUNT} are gone`);
  assert(left() <= HELD, `${left()} listeners are left on the signal`);
}

test("sockets that were closed", () =>
  assertGone(async () => {
    const [socket, fake] = await connected({ QWebSocket });
    socket.messages();
    socket.close();
    fake.ends(1000, true);
    return socket;
  }));

test("sockets whose listeners go by a signal that lives on, which forgets them", async () => {
  const { signal } = new AbortController();
  await assertGone(async () => {
    const socket = new QWebSocket({ webSocket: FakeSocket });
    socket.addEventListener("pong", () => socket, { signal });
    return socket;
  }, signal);
});

test("connections that were never begun, with a signal that lives on, which forgets them", async () => {
  const { signal } = new AbortController();
  await assertGone(async () => {
    const socket = reconnecting("ws://fake/", { webSocket: FakeSocket, paused: true, signal });
    await task();
    return socket;
  }, signal);
});

test("a connection that is ended before it has begun lets go of its signal", async () => {
  const { signal } = new AbortController();
  for (const end of ["close", "abort"]) {
    const socket = reconnecting("ws://fake/", { webSocket: FakeSocket, paused: true, signal });
    await task();
    socket[end]();
  }
  assert.deepEqual(getEventListeners(signal, "abort"), []);
});

test("signals of listeners that were removed, though the socket lives on", async () => {
  const socket = new QWebSocket({ webSocket: FakeSocket });
  await assertGone(async () => {
    const { signal } = new AbortController();
    const listener = () => {};
    socket.addEventListener("pong", listener, { signal });
    socket.removeEventListener("pong", listener);
    return signal;
  });
  assert.equal(socket.state, "unconnected");
});
