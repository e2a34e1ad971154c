// What applications get wrong, or hand in on purpose: it is refused or reported, and harms nobody else.

import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";

import { connected, entry, FakeSocket, story, task } from "../lib/package.mjs";

const { QWebSocket } = await entry("index");
const { reconnecting } = await entry("reconnecting");
const { typed } = await entry("typed");
const webSocket = FakeSocket;

/** What is told as uncaught. */
let reported;
beforeEach(() => {
  reported = [];
  globalThis.reportError = (error) => reported.push(error);
});
afterEach(() => delete globalThis.reportError);

/** It throws whatever is done to it. */
function untouchable() {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

/** So many tasks at most until something is so. */
const PATIENCE = 100_000;

async function until(isSo) {
  for (let turn = 0; turn < PATIENCE && !isSo(); turn++) {
    await task();
  }
}

async function again(options = {}) {
  const socket = reconnecting("ws://fake/", { webSocket, firstDelay: 0, ...options });
  await task();
  FakeSocket.last.opens();
  await task();
  return [socket, FakeSocket.last];
}

const KEEP_ALIVE = { interval: 1_000, probe: "?", isAnswer: () => false };

for (const name of ["toString", "constructor", "valueOf"]) {
  test(`keepAlive.${name} is no option`, () => {
    const keepAlive = { ...KEEP_ALIVE, [name]: () => {} };
    const message = `unknown option: keepAlive.${name}`;
    assert.throws(() => new QWebSocket({ webSocket, keepAlive }), { name: "TypeError", message });
  });
}

test("there is no such feature to do without", () => {
  const bestEffort = ["PING", "PINGS"];
  const expected = { name: "TypeError", message: "unknown option: bestEffort PINGS" };
  assert.throws(() => new QWebSocket({ webSocket, bestEffort }), expected);
});

test("what is no listener, or no signal, is refused and not added", async () => {
  const [socket, fake] = await connected({ QWebSocket });
  for (const listener of [1, "onmessage", true, Symbol("listener")]) {
    assert.throws(() => socket.addEventListener("textMessageReceived", listener), TypeError);
  }
  const heard = [];
  const listener = ({ message }) => heard.push(message);
  for (const signal of [1, {}, "signal"]) {
    const add = () => socket.addEventListener("textMessageReceived", listener, { signal });
    assert.throws(add, TypeError);
  }
  socket.addEventListener("textMessageReceived", null);
  await task();
  fake.receives("a");
  assert.deepEqual([heard, reported], [[], []]);
});

test("the signal of an attempt leaves alone what has taken its place", async () => {
  const socket = new QWebSocket({ webSocket });
  const aborter = new AbortController();
  let replacing;
  socket.addEventListener(
    "stateChanged",
    () => {
      replacing = socket.open("ws://fake/two");
      aborter.abort(new Error("given up"));
    },
    { once: true },
  );
  const opening = socket.open("ws://fake/one", { signal: aborter.signal });
  await assert.rejects(opening, { message: "given up" });
  FakeSocket.last.opens();
  await replacing;
  assert.deepEqual([socket.state, FakeSocket.last.url], ["connected", "ws://fake/two"]);
});

test("a class that throws what cannot be looked at", async () => {
  const [other] = await connected({ QWebSocket });
  class Hostile {
    constructor() {
      throw untouchable();
    }
  }
  const socket = new QWebSocket({ webSocket: Hostile });
  await assert.rejects(socket.open("ws://fake/"), { kind: "Connection" });
  assert.equal(other.state, "connected");
});

test("a target that throws what cannot be looked at", async () => {
  const target = () => {
    throw untouchable();
  };
  const socket = reconnecting(target, { webSocket, attempts: 1 });
  const words = story(socket, ["attempt", "attemptFailed", "givenUp"]);
  await new Promise((resolve) => socket.addEventListener("givenUp", resolve));
  assert.deepEqual(words, ["attempt", "attemptFailed Connection", "givenUp"]);
});

test("a `reportError` that throws itself", async () => {
  const uncaught = [];
  const mine = process.listeners("uncaughtException");
  process.removeAllListeners("uncaughtException");
  process.on("uncaughtException", ({ message }) => uncaught.push(message));
  try {
    globalThis.reportError = () => {
      throw new Error("not this one");
    };
    const fails = (text) => () => {
      throw new Error(text);
    };
    const [socket, fake] = await again({ greeting: fails("greeting"), decide: fails("decide") });
    fake.ends();
    await until(() => uncaught.includes("decide"));
    socket.abort();
    assert.deepEqual([...new Set(uncaught)], ["greeting", "decide"]);
  } finally {
    process.removeAllListeners("uncaughtException");
    mine.forEach((listener) => process.on("uncaughtException", listener));
  }
});

test("an `isAnswer` that answers a promise takes no message for the answer", async () => {
  const keepAlive = { ...KEEP_ALIVE, interval: 1, limit: 10_000, isAnswer: async () => false };
  const [socket, fake] = await connected({ QWebSocket }, { keepAlive });
  const words = story(socket, ["textMessageReceived"]);
  await until(() => fake.sent.length);
  fake.receives("a");
  await task();
  assert.deepEqual(words, ["textMessageReceived a"]);
  assert.match(reported[0]?.message, /isAnswer answers a promise/);
  socket.abort();
});

test("what an iterator has left is there, though another one leaves nothing", async () => {
  const [socket, fake] = await connected({ QWebSocket });
  await task();
  const [slow, fast] = [socket.messages(), socket.messages()];
  fake.receives("a");
  fake.receives("b");
  await slow.next();
  await fast.next();
  await fast.next();
  await slow.return();
  await fast.return();
  const next = socket.messages().next();
  fake.receives("c");
  assert.equal((await next).value, "b");
  socket.abort();
});

/** A file that has changed since it was chosen. */
function unreadable() {
  const blob = new Blob(["abc"]);
  blob.arrayBuffer = () => Promise.reject(new DOMException("it has changed", "NotReadableError"));
  return blob;
}

test("a blob that cannot be read is dropped, and those behind it go out", async () => {
  const [socket, fake] = await again();
  const dropped = [];
  socket.ondropped = ({ number, message, reason }) => dropped.push([number, message, reason.name]);
  const blobs = [unreadable(), unreadable()];
  for (const message of ["a", blobs[0], "b", blobs[0], blobs[1], "c"]) {
    socket.send(message);
  }
  await until(() => fake.sent.length == 3 && !socket.bytesToWrite);
  assert.deepEqual(fake.sent, ["a", "b", "c"]);
  const reason = "NotReadableError";
  assert.deepEqual(dropped, [
    [1, blobs[0], reason],
    [3, blobs[0], reason],
    [4, blobs[1], reason],
  ]);
  assert.deepEqual([socket.state, socket.bytesToWrite], ["connected", 0]);
  socket.abort();
});

test("without numbers its connection is lost, however cleanly the class closes", async () => {
  const [socket, fake] = await connected({ QWebSocket });
  const words = story(socket, ["errorOccurred", "disconnected"]);
  fake.close = () => fake.ends(1005, true);
  socket.sendBinaryMessage(unreadable());
  socket.sendTextMessage("behind it");
  await until(() => socket.state != "connected");
  assert.deepEqual(words, ["errorOccurred RemoteClosed", "disconnected"]);
  assert.deepEqual([fake.sent, socket.closeCode], [[], 1006]);
});

test("a signal ends what has begun anew, too, and not before that", async () => {
  const aborter = new AbortController();
  const [socket, fake] = await again({ signal: aborter.signal });
  socket.close();
  fake.ends(1000, true);
  await task();
  socket.reconnectNow();
  await task();
  FakeSocket.last.opens();
  assert.equal(socket.state, "connected");
  aborter.abort();
  assert.equal(socket.state, "unconnected");
  socket.reconnectNow();
  await task();
  FakeSocket.last.opens();
  assert.equal(socket.state, "connected");
  socket.abort();
});

test("a schema that answers something like a promise", async () => {
  const [socket, fake] = await connected({ QWebSocket });
  // oxlint-disable-next-line unicorn/no-thenable
  const validate = (value) => ({ then: (resolve) => resolve({ value: value + 1 }) });
  const numbers = typed(socket, { schema: { "~standard": { version: 1, vendor: "x", validate } } });
  await task();
  const next = numbers.messages().next();
  fake.receives("1");
  assert.equal((await next).value, 2);
  socket.abort();
});

test("typed over what is no socket, or with no codec", () => {
  for (const none of [undefined, null, {}, new EventTarget()]) {
    assert.throws(() => typed(none), { name: "TypeError", message: /^typed takes/ });
  }
  const socket = new QWebSocket({ webSocket });
  assert.throws(() => typed(socket, { codec: null }), { name: "TypeError", message: /^a codec/ });
  assert.ok(typed(socket, null));
});
