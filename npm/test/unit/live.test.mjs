// The connection behind the hooks, without a framework.

import assert from "node:assert/strict";
import path from "node:path";
import { before, test } from "node:test";

import { build } from "esbuild";

import { entry } from "../lib/package.mjs";
import { VirtualTime } from "../lib/virtual.mjs";

const { MemoryServer } = await entry("testing");
const { identityOf, Live } = await bundled("../../src/hooks/live.ts");
const time = new VirtualTime();
before(() => time.install());

async function bundled(file) {
  const entryPoints = [path.join(import.meta.dirname, file)];
  const { outputFiles } = await build({ entryPoints, bundle: true, format: "esm", write: false });
  const text = Buffer.from(outputFiles[0].contents).toString("base64");
  return import(`data:text/javascript;base64,${text}`);
}

/** One that is not watched yet, and what its watchers would show. */
function made(options = {}, target = "ws://test/") {
  const server = new MemoryServer();
  const live = new Live(target, { webSocket: server.WebSocket, firstDelay: 0, ...options });
  const shown = [];
  const watch = () => live.watch(() => shown.push(live.snapshot));
  return { live, server, shown, watch };
}

test("nothing connects before somebody watches, and nothing is connected behind the last one", async () => {
  const { live, server, watch } = made();
  live.socket.send("early");
  await time.pass(1_000);
  assert.equal(server.peers.length, 0);
  const leave = [watch(), watch()];
  const peer = await server.next();
  assert.equal(await peer.next(), "early");
  leave[0]();
  await time.settle();
  assert.equal(live.snapshot.state, "connected");
  leave[1]();
  assert.equal((await peer.closed).code, 1000);
  await time.pass(100_000);
  assert.equal(server.peers.length, 1);
});

test("who leaves and comes back at once keeps the connection", async () => {
  const { live, server, watch } = made();
  watch()();
  const leave = watch();
  await server.next();
  await time.settle();
  leave();
  watch();
  await time.pass(1_000);
  assert.deepEqual([live.snapshot.state, server.peers.length], ["connected", 1]);
});

test("who comes back while it closes gets another connection", async () => {
  const { live, server, watch } = made();
  const leave = watch();
  const peer = await server.next();
  await time.settle();
  peer.pause();
  leave();
  await time.settle();
  assert.equal(live.socket.state, "closing");
  watch();
  await time.settle();
  peer.resume();
  await peer.closed;
  await server.next();
  await time.settle();
  assert.equal(live.snapshot.state, "connected");
});

test("who left is told nothing", async () => {
  const { server, shown, watch } = made();
  const leave = watch();
  await server.next();
  await time.settle();
  const before = shown.length;
  leave();
  await time.pass(10_000);
  assert.equal(shown.length, before);
});

test("each snapshot is another one, and differs", async () => {
  const { live, server, shown, watch } = made({ attempts: 1 });
  assert.equal(live.snapshot, live.snapshot);
  watch();
  const peer = await server.next();
  await time.settle();
  peer.drop();
  await time.settle();
  const states = shown.map(({ state, error }) => `${state} ${error?.kind ?? ""}`.trim());
  assert.deepEqual(states.slice(0, 4), [
    "connecting",
    "connected",
    "connected RemoteClosed",
    "unconnected RemoteClosed",
  ]);
});

test("the end is shown, and a new beginning", async () => {
  const { live, server, shown, watch } = made({ decide: () => "giveUp" });
  watch();
  const peer = await server.next();
  await time.settle();
  peer.close(4001, "no");
  await time.settle();
  assert.equal(live.snapshot.isGivenUp, true);
  live.socket.reconnectNow();
  await server.next();
  await time.settle();
  const { state, error, isGivenUp } = shown.at(-1);
  assert.deepEqual([state, error, isGivenUp], ["connected", undefined, false]);
});

test("the latest functions are called, and a target of them is asked for each attempt", async () => {
  const told = [];
  const options = (name) => ({
    greeting: () => `hello from ${name}`,
    onMessage: (message) => told.push(`${name} ${message}`),
    decide: () => "retry",
  });
  const { live, server, watch } = made(options("first"), () => "ws://test/first");
  watch();
  const first = await server.next();
  await time.settle();
  live.update((attempt) => `ws://test/${attempt}`, options("second"));
  first.send("news");
  await time.settle();
  first.close(4001);
  await time.pass(10);
  const second = await server.next();
  const greetings = [await first.next(), await second.next()];
  assert.deepEqual(greetings, ["hello from first", "hello from second"]);
  assert.match(second.url, /^ws:\/\/test\/\d$/);
  assert.deepEqual(told, ["second news"]);
});

test("targets are told apart by URL and subprotocols, functions not at all", () => {
  const url = "wss://test/";
  assert.equal(identityOf(url), identityOf(new URL(url)));
  assert.equal(identityOf({ url, subprotocols: ["a"] }), identityOf({ url, subprotocols: ["a"] }));
  assert.notEqual(identityOf({ url, subprotocols: ["a"] }), identityOf({ url }));
  assert.notEqual(identityOf("wss://test/other"), identityOf(url));
  assert.equal(
    identityOf(() => url),
    identityOf(() => "wss://test/other"),
  );
});
