// A trap ends one instance: all its sockets are told, and the next one has a new instance.

import assert from "node:assert/strict";
import { before, test } from "node:test";

import { connected, entry, FakeSocket, story, task } from "../lib/package.mjs";

/** Instances, and what the next call of an export throws. */
const instances = [];
let trap;

before(() => {
  const { Instance } = WebAssembly;
  WebAssembly.Instance = function (...source) {
    const instance = new Instance(...source);
    if (!instance.exports.received) {
      return instance;
    }
    const exports = {};
    for (const [name, value] of Object.entries(instance.exports)) {
      exports[name] = typeof value == "function" ? trapping(name, value) : value;
    }
    instances.push(exports);
    return { exports };
  };
});

function trapping(name, run) {
  return (...all) => {
    if (trap === name) {
      trap = undefined;
      throw new WebAssembly.RuntimeError("unreachable");
    }
    return run(...all);
  };
}

const TYPES = [
  "errorOccurred",
  "stateChanged",
  "readChannelFinished",
  "disconnected",
  "textMessageReceived",
];
const LOST = [
  "errorOccurred Connection",
  "stateChanged unconnected",
  "readChannelFinished",
  "disconnected",
];

test("every socket of the instance is told, once", async () => {
  const package_ = await entry("index");
  const [one, fake] = await connected(package_);
  const [two] = await connected(package_);
  await task();
  const words = [story(one, TYPES), story(two, TYPES)];
  const waiting = two.messages().next();
  trap = "received";
  fake.receives("the last straw");
  assert.deepEqual(words, [["textMessageReceived the last straw", ...LOST], LOST]);
  await assert.rejects(waiting, { kind: "Connection" });
  assert.deepEqual(
    [one.state, two.state, two.bytesToWrite, one.closeCode],
    ["unconnected", "unconnected", 0, 1006],
  );
  assert(one.error.cause instanceof WebAssembly.RuntimeError);
  assert.throws(() => one.sendTextMessage("x"), { kind: "WrongState" });
  one.close();
  two.abort();
  const before = instances.length;
  const opening = one.open("ws://fake/");
  FakeSocket.last.opens();
  await opening;
  assert.equal(instances.length, before + 1);
  assert.equal(one.sendTextMessage("grüß"), 6);
  one.abort();
});

for (const call of ["open", "close", "abort", "send", "flushed", "state", "buffered", "next"]) {
  test(`a trap in ${call} is an error, and nothing hangs`, async () => {
    const package_ = await entry("index");
    const socket = new package_.QWebSocket({ webSocket: FakeSocket });
    const calls = {
      open: () => socket.open("ws://fake/"),
      close: () => socket.close(),
      abort: () => socket.abort(),
      send: () => socket.sendTextMessage("x"),
      flushed: () => socket.drained(),
      state: () => socket.state,
      buffered: () => socket.bytesToWrite,
      next: () => socket.close(),
    };
    if (call !== "open") {
      const opening = socket.open("ws://fake/");
      FakeSocket.last.opens();
      await opening;
      await task();
    }
    trap = call;
    const outcome = await (async () => calls[call]())().catch(({ kind }) => kind);
    assert.equal(trap, undefined, "the call was made");
    if (["open", "close", "abort", "send"].includes(call)) {
      assert.equal(outcome, "Connection");
    }
    assert.equal(socket.state, "unconnected");
    const opening = socket.open("ws://fake/");
    FakeSocket.last.opens();
    await opening;
    socket.abort();
  });
}

test("a connection that comes back goes on by a new instance, and tells what is unknown", async () => {
  const { reconnecting } = await entry("reconnecting");
  const socket = reconnecting("ws://fake/", { webSocket: FakeSocket });
  const words = story(socket, ["attempt", "ended", "connected", "givenUp"]);
  socket.send("a");
  socket.send("b");
  await task();
  const fake = FakeSocket.last;
  fake.bufferedAmount = 100;
  fake.opens();
  await task();
  assert.deepEqual(fake.sent, ["a", "b"]);
  fake.readyState = 2;
  socket.send("c");
  assert.equal(socket.unwritten, 3);
  trap = "received";
  fake.receives("boom");
  await task();
  assert.deepEqual(words, ["attempt", "connected", "ended 0,2", "attempt"]);
  const second = FakeSocket.last;
  assert.notEqual(second, fake);
  second.opens();
  await task();
  assert.deepEqual(second.sent, ["c"]);
  assert.equal(socket.send("d"), 3);
  socket.abort();
});

test("what traps again and again is given up", async () => {
  const { reconnecting } = await entry("reconnecting");
  const socket = reconnecting("ws://fake/", { webSocket: FakeSocket });
  const words = story(socket, ["givenUp"]);
  const messages = socket.messages();
  for (let life = 0; life < 3; life++) {
    await task();
    FakeSocket.last.opens();
    await task();
    trap = "received";
    FakeSocket.last.receives("boom");
  }
  assert.deepEqual(words, ["givenUp"]);
  assert.throws(() => socket.send("x"), { kind: "WrongState" });
  for (let life = 0; life < 3; life++) {
    assert.equal((await messages.next()).value, "boom");
  }
  await assert.rejects(messages.next(), { kind: "Connection" });
});
