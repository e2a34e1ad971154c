// What an idle connection takes of memory, in bytes: the platform's own socket, and ours in all.

import { openQuietly, Quiet } from "./quiet.js";

/** So many instances of ours are made over a socket that takes next to nothing of wasm's memory. */
const QUIET = 2_000;
/** Until what was closed is gone. */
const PAUSE = 500;

const { Instance } = WebAssembly;
const memories = [];
WebAssembly.Instance = class extends Instance {
  constructor(...all) {
    super(...all);
    memories.push(this.exports.memory);
  }
};

/** `opens` makes connections of each kind, `used` is the heap in use behind a collection of garbage. */
export async function idle(QWebSocket, opens, used, count) {
  const taken = {};
  for (const [name, open] of Object.entries(opens)) {
    taken[name] = await heapOf(open, used, count);
  }
  taken.ours += await wasmOf(QWebSocket);
  return taken;
}

async function heapOf(open, used, count) {
  // The first ones compile the code, too. They stay, since what is closed goes when it likes.
  const sockets = await several(open, count);
  await pause();
  const before = used();
  sockets.push(...(await several(open, count)));
  await pause();
  const heap = (used() - before) / count;
  sockets.forEach((socket) => socket.close());
  await pause();
  return heap;
}

async function several(open, count) {
  const sockets = [];
  while (sockets.length < count) {
    sockets.push(await open());
  }
  return sockets;
}

async function wasmOf(QWebSocket) {
  const sockets = [];
  const before = allocated();
  while (sockets.length < QUIET) {
    const socket = new QWebSocket({ webSocket: Quiet });
    await openQuietly(socket);
    sockets.push(socket);
  }
  const wasm = (allocated() - before) / QUIET;
  sockets.forEach((socket) => socket.abort());
  return wasm;
}

function allocated() {
  return memories.reduce((sum, { buffer }) => sum + buffer.byteLength, 0);
}

function pause() {
  return new Promise((resolve) => setTimeout(resolve, PAUSE));
}
