// The chat against a server in memory, by the fake timers of Vitest.

import { MemoryServer } from "qwebsocket/testing";
import { beforeEach, expect, test, vi } from "vitest";

import { chat, show } from "./chat.ts";

beforeEach(() => void vi.useFakeTimers());

/** A chat that is connected, and its server. */
async function connected() {
  const server = new MemoryServer();
  const status: string[] = [];
  let tokens = 0;
  const token = async () => `token-${++tokens}`;
  const its = chat("wss://chat.example/", token, { webSocket: server.WebSocket });
  show(its.socket, (text) => status.push(text));
  const peer = await server.next();
  await vi.advanceTimersByTimeAsync(0);
  return { ...its, server, peer, status };
}

test("values are JSON in both directions", async () => {
  const { news, say, peer } = await connected();
  const values = news.messages();
  say("garden", "hello");
  expect(await peer.next()).toBe('{"room":"garden","text":"hello"}');
  peer.send('{"room":"garden","text":"you"}');
  expect((await values.next()).value).toEqual({ room: "garden", text: "you" });
});

test("a lost connection comes back with another token, and joins its rooms again", async () => {
  const { join, server, peer, status } = await connected();
  join("garden");
  expect(await peer.next()).toBe('{"join":"garden"}');
  peer.drop();
  await vi.advanceTimersByTimeAsync(5_000);
  const again = await server.next();
  expect([peer.url, again.url].map((url) => new URL(url).search)).toEqual([
    "?token=token-1",
    "?token=token-2",
  ]);
  expect(await again.next()).toBe('{"join":"garden"}');
  expect(status.map((text) => text.replace(/\d+/, "…"))).toEqual([
    "connecting",
    "connected",
    "unconnected",
    "lost, again in … ms",
    "connecting",
    "connected",
  ]);
});

test("a server that answers the heartbeat is kept, and one that is silent is not", async () => {
  const { peer, status } = await connected();
  await vi.advanceTimersByTimeAsync(25_000);
  expect(await peer.next()).toBe('"ping"');
  peer.send('"pong"');
  await vi.advanceTimersByTimeAsync(25_000);
  expect(status.at(-1)).toBe("connected");
  await vi.advanceTimersByTimeAsync(5_000);
  expect(status).toContain("unconnected");
});

test("signed out is the end", async () => {
  const { server, peer, status } = await connected();
  peer.close(4001, "signed out");
  await vi.advanceTimersByTimeAsync(100_000);
  expect(status.at(-1)).toBe("signed out");
  expect(server.peers).toEqual([peer]);
});
