// Uses the class as deeply as it can be used, and tells what that took of the WebAssembly's memory:
// `{ atStart, stack, used }` in bytes.

import assert from "node:assert/strict";
import { once } from "node:events";
import { WebSocketServer } from "ws";

const url = process.argv[2];

// The package keeps its instance to itself.
let memory;
const { Instance } = WebAssembly;
WebAssembly.Instance = function (...source) {
  const instance = new Instance(...source);
  // Node has WebAssembly of its own.
  if (instance.exports.received) {
    ({ memory } = instance.exports);
  }
  return instance;
};
const { init, QWebSocket, reconnecting } = await import("qwebsocket/reconnecting");
init();
const atStart = memory.buffer.byteLength;

await manySockets(500);
await largeMessages(16 * 1024 * 1024);
await nestedCalls(200);
await comesBack(200);
await reconnects(200);

// The stack grows down from the data to address 0, and what it never reached is still 0.
const stack = Number(process.argv[3]);
const lowest = new Uint8Array(memory.buffer, 0, stack).findIndex((byte) => byte !== 0);
assert(lowest >= 0, "the stack was never used");
console.log(JSON.stringify({ atStart, used: stack - lowest }));

async function manySockets(count) {
  await Promise.all(
    Array.from({ length: count }, async (_, index) => {
      const socket = await opened();
      const [text] = await Promise.all([answer(socket), socket.sendTextMessage(`${index} €`)]);
      assert.equal(text, `${index} €`);
      await closed(socket);
    }),
  );
}

async function largeMessages(length) {
  const socket = await opened();
  socket.sendTextMessage("é".repeat(length / 2));
  assert.equal((await answer(socket)).length, length / 2);
  socket.sendBinaryMessage(new Uint8Array(length));
  assert.equal((await answer(socket)).byteLength, length);
  await closed(socket);
}

/** Each socket's first event makes the next socket, up to `depth`; then all are given up. */
async function nestedCalls(depth) {
  let deepest = 0;
  const nest = (level) =>
    new Promise((resolve) => {
      const socket = new QWebSocket();
      const next = async () => {
        deepest = Math.max(deepest, level);
        const inner = level < depth ? nest(level + 1) : undefined;
        socket.abort();
        resolve(inner);
      };
      socket.addEventListener("stateChanged", next, { once: true });
      socket.open(url).catch(() => {});
    });
  await nest(1);
  assert.equal(deepest, depth);
}

/** Opens again from within the end of each connection. */
async function comesBack(times) {
  const socket = new QWebSocket();
  let connections = 0;
  await new Promise((resolve) => {
    socket.onconnected = () => {
      connections++;
      socket.close();
    };
    socket.ondisconnected = () => (connections < times ? socket.open(url) : resolve());
    socket.open(url);
  });
  assert.equal(connections, times);
}

/** A server that drops each connection with its first message, which is sent again. */
async function reconnects(times) {
  const server = new WebSocketServer({ host: "127.0.0.1", port: 0 });
  await once(server, "listening");
  server.on("connection", (peer) => peer.on("message", () => peer.terminate()));
  const socket = reconnecting(`ws://127.0.0.1:${server.address().port}`, {
    firstDelay: 1,
    maximumDelay: 1,
    greeting: () => ["hello", new Uint8Array(64 * 1024)],
  });
  for (let connections = 0; connections < times; connections++) {
    await once(socket, "connected");
    socket.send("what the server drops");
  }
  socket.abort();
  server.close();
}

async function opened() {
  const socket = new QWebSocket();
  await socket.open(url);
  return socket;
}

async function answer(socket) {
  return (await socket.messages().next()).value;
}

async function closed(socket) {
  const disconnected = once(socket, "disconnected");
  socket.close();
  await disconnected;
}
