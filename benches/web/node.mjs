// Measures in Node: `node --expose-gc node.mjs PACKAGE MODULES PORT ROUNDS CLASS`, where CLASS is `ws`
// or `own`. Tells each result as a line of JSON, as the page does.

import { createRequire } from "node:module";
import path from "node:path";
import { pathToFileURL } from "node:url";

import { payload } from "./page/payload.js";
import { measureScript, openOurs, openSocket, openTaking } from "./page/script_clients.js";
import { takeTurns } from "./page/turns.js";

const [place, modules, port, rounds, name] = process.argv.slice(2);
const require = createRequire(path.join(modules, "../"));
const { QWebSocket } = await import(pathToFileURL(path.join(place, "node/index.mjs")).href);
const { default: PartySocket } = require("partysocket/ws");
const Class = name === "ws" ? require("ws") : WebSocket;

const options = name === "ws" ? { webSocket: Class } : {};
const CLIENTS = {
  raw: measureScript((url) => openSocket(new Class(url))),
  "ours, JavaScript": measureScript((url) => openOurs(new QWebSocket(options), url)),
  "ours, for await": measureScript((url) => openTaking(new QWebSocket(options), url)),
  partysocket: measureScript((url) =>
    openSocket(new PartySocket(url, [], { WebSocket: Class, maxRetries: 0 })),
  ),
};

for (const shape of ["receive", "send"]) {
  for (const size of [16, 1024]) {
    const work = { port, shape, kind: "ascii", size, payload: payload("ascii", size) };
    const ns = await takeTurns(CLIENTS, work, Number(rounds));
    console.log(JSON.stringify({ shape, kind: "ascii", size, ns }));
  }
}
console.log(JSON.stringify({ shape: "idle", kind: "connections", size: 0, ...(await idle()) }));
process.exit();

/** What an idle connection takes of memory, in bytes: of the class itself, and what ours adds. */
async function idle() {
  const url = `ws://127.0.0.1:${port}/echo`;
  const opens = {
    direct: () => new Promise((resolve) => {
      const socket = new Class(url);
      socket.onopen = () => resolve(socket);
    }),
    ours: async () => {
      const socket = new QWebSocket(options);
      await socket.open(url);
      return socket;
    },
  };
  const COUNT = 1_000;
  const taken = {};
  for (const [name, open] of Object.entries(opens)) {
    (await open()).close();
    const before = used();
    const sockets = [];
    for (let count = 0; count < COUNT; count++) {
      sockets.push(await open());
    }
    taken[name] = (used() - before) / COUNT;
    sockets.forEach((socket) => socket.close());
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  return taken;
}

function used() {
  globalThis.gc?.();
  const { heapUsed, arrayBuffers, external } = process.memoryUsage();
  return heapUsed + arrayBuffers + external;
}
