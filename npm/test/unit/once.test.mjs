// No message arrives twice, whatever ends the connection while bytes wait.

import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { test } from "node:test";

import { entry } from "../lib/package.mjs";

const { WebSocketServer, WebSocket } = createRequire(import.meta.url)("ws");

const COUNT = 300;

test("a peer that breaks the protocol while bytes wait", async () => {
  const { reconnecting } = await entry("reconnecting");
  const server = new WebSocketServer({ port: 0, host: "127.0.0.1" });
  await new Promise((resolve) => server.once("listening", resolve));
  const heard = [];
  let connections = 0;
  server.on("connection", (peer) => {
    peer.on("error", () => {});
    peer.on("message", (data) => heard.push(data.readUInt32LE(0)));
    if (connections++ === 0) {
      const tcp = peer._socket;
      tcp.pause();
      setTimeout(() => tcp.write(Buffer.from([0xff, 0])), 50);
      setTimeout(() => tcp.resume(), 150);
    }
  });
  const url = `ws://127.0.0.1:${server.address().port}/`;
  const options = { webSocket: WebSocket, firstDelay: 5, maximumDelay: 20, queue: Infinity };
  const socket = reconnecting(url, { ...options, decide: () => "retry" });
  const unknown = new Set();
  socket.onended = ({ unknown: [from, to] }) => {
    for (let number = from; number < to; number++) {
      unknown.add(number);
    }
  };
  await new Promise((resolve) => (socket.onconnected = resolve));
  for (let number = 0; number < COUNT; number++) {
    const message = new Uint8Array(20_000);
    new DataView(message.buffer).setUint32(0, number, true);
    socket.send(message);
  }
  while (connections < 2 || socket.unwritten) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  await new Promise((resolve) => setTimeout(resolve, 200));
  assert.equal(new Set(heard).size, heard.length, "twice");
  for (let number = 0; number < COUNT; number++) {
    assert(heard.includes(number) || unknown.has(number), `${number} was lost silently`);
  }
  socket.abort();
  server.clients.forEach((client) => client.terminate());
  server.close();
});
