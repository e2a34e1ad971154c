// The option `log`: what is told of a connection, and what never is.

import assert from "node:assert/strict";
import { before, test } from "node:test";

import { connected, entry, FakeSocket } from "../lib/package.mjs";
import { VirtualTime } from "../lib/virtual.mjs";

const package_ = await entry("reconnecting");
const { QWebSocket, reconnecting } = package_;
const time = new VirtualTime();
before(() => time.install());

const SECRET = "hunter2";

/** A function for `log`, and what it was told. */
function logbook() {
  const lines = [];
  return { lines, log: (type, about) => lines.push([type, about]) };
}

/** All of it as a text, as a console would show it. */
function shown(lines) {
  const errors = (_, value) => (value instanceof Error ? `${value.stack} ${value.cause}` : value);
  return JSON.stringify(lines, errors);
}

test("states, and why the connection was closed", async () => {
  const { lines, log } = logbook();
  const [, fake] = await connected(package_, { log });
  fake.ends(4001, true, "not allowed");
  await time.settle();
  const end = {
    closeCode: 4001,
    closeReason: "not allowed",
    peerCloseCode: 4001,
    peerCloseReason: "not allowed",
  };
  assert.deepEqual(lines, [
    ["stateChanged", { state: "connecting" }],
    ["stateChanged", { state: "connected" }],
    ["connected", {}],
    ["aboutToClose", {}],
    ["stateChanged", { state: "closing" }],
    ["stateChanged", { state: "unconnected" }],
    ["readChannelFinished", {}],
    ["disconnected", end],
  ]);
});

test("attempts, their errors and delays", async () => {
  const { lines, log } = logbook();
  const socket = reconnecting("ws://fake/", { webSocket: FakeSocket, log, seed: 1, attempts: 2 });
  let delay;
  socket.onwaiting = (event) => ({ delay } = event);
  await time.settle();
  FakeSocket.last.ends();
  await time.pass(1_000);
  FakeSocket.last.ends();
  await time.settle();
  const told = (type) => lines.filter(([name]) => name === type).map(([, about]) => about);
  assert.deepEqual(told("attempt"), [{ attempt: 1 }, { attempt: 2 }]);
  assert.deepEqual(told("waiting"), [{ attempt: 2, delay }]);
  assert.deepEqual(
    told("attemptFailed").map(({ error }) => error.kind),
    ["Connection", "Connection"],
  );
  assert.deepEqual(told("givenUp"), [{ attempts: 2 }]);
});

test("nothing of a payload, a URL, a header or credentials", async () => {
  const { lines, log } = logbook();
  const options = { webSocket: FakeSocket, log, queue: 1_000, whenFull: "dropOldest", seed: 1 };
  const target = `ws://fake/${SECRET}?token=${SECRET}`;
  const socket = reconnecting(target, { ...options, greeting: () => [SECRET] });
  await time.settle();
  FakeSocket.last.opens();
  await time.settle();
  FakeSocket.last.receives(SECRET);
  FakeSocket.last.receives(new TextEncoder().encode(SECRET).buffer);
  FakeSocket.last.ends();
  for (let sent = 0; sent < 20; sent++) {
    socket.send(SECRET.repeat(10));
  }
  await time.pass(10_000);
  FakeSocket.last.opens();
  await time.settle();
  socket.close();
  FakeSocket.last.ends(1000, true);
  await time.settle();
  const types = new Set(lines.map(([type]) => type));
  assert(types.has("dropped") && types.has("ended"), [...types].join());
  assert(!types.has("bytesWritten") && !types.has("textMessageReceived"), [...types].join());
  assert.equal(shown(lines).includes(SECRET), false, shown(lines));
});

for (const url of [`ws://user:${SECRET}@fake/`, `ws://${SECRET}@[fake/`, `ftp://fake/${SECRET}`]) {
  test(`no credentials of a URL that is refused: ${url.replaceAll(SECRET, "…")}`, async () => {
    const { lines, log } = logbook();
    reconnecting(url, { webSocket: FakeSocket, log });
    await time.settle();
    assert.deepEqual(
      lines.map(([type]) => type),
      ["attempt", "attemptFailed", "givenUp"],
    );
    assert.equal(shown(lines).includes(SECRET), false, shown(lines));
  });
}

test("a console, each line with whom it is about", async () => {
  const lines = [];
  const console = { log: (...all) => lines.push(all) };
  await connected(package_, { log: console });
  assert.deepEqual(lines[0], ["QWebSocket", "stateChanged", { state: "connecting" }]);
});

test("is told before the listeners are", async () => {
  const order = [];
  const log = (type) => order.push(`log ${type}`);
  const socket = new QWebSocket({ webSocket: FakeSocket, log });
  socket.onstateChanged = () => order.push("listener");
  void socket.open("ws://fake/");
  assert.deepEqual(order, ["log stateChanged", "listener"]);
  socket.abort();
});

test("what it throws is reported, and in nobody's way", async () => {
  const reported = [];
  globalThis.reportError = (error) => reported.push(error.message);
  try {
    const log = (type) => {
      throw new Error(type);
    };
    const [socket] = await connected(package_, { log });
    assert.equal(socket.state, "connected");
    assert.deepEqual(reported, ["stateChanged", "stateChanged", "connected"]);
  } finally {
    delete globalThis.reportError;
  }
});

test("what is neither a function nor a console is refused", () => {
  for (const log of ["console", {}, true]) {
    assert.throws(() => new QWebSocket({ log }), { name: "TypeError", message: /^log is / });
  }
});
