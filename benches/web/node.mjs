// Measures in Node: `node --expose-gc node.mjs PACKAGE MODULES PORT ROUNDS CLASS`, where CLASS is `ws`
// or `own`. Tells each result as a line of JSON, as the page does.

import { createRequire } from "node:module";
import path from "node:path";
import { pathToFileURL } from "node:url";

import { idle } from "./page/idle.js";
import { payload } from "./page/payload.js";
import {
  measureScript,
  openOurs,
  openReconnecting,
  openSocket,
  openTaking,
} from "./page/script_clients.js";
import { takeTurns } from "./page/turns.js";

const [place, modules, port, rounds, name] = process.argv.slice(2);
const require = createRequire(path.join(modules, "../"));
const entry = (name) => import(pathToFileURL(path.join(place, `node/${name}.mjs`)).href);
const [{ QWebSocket }, { reconnecting }] = [await entry("index"), await entry("reconnecting")];
const { default: PartySocket } = require("partysocket/ws");
const ReconnectingWebSocket = require("reconnecting-websocket");
const Class = name === "ws" ? require("ws") : WebSocket;

const options = name === "ws" ? { webSocket: Class } : {};
const others = { WebSocket: Class, maxRetries: 0 };
const CLIENTS = {
  raw: measureScript((url) => openSocket(new Class(url))),
  "ours, JavaScript": measureScript((url) => openOurs(new QWebSocket(options), url)),
  "ours, for await": measureScript((url) => openTaking(new QWebSocket(options), url)),
  "ours, again": measureScript((url) =>
    openReconnecting(reconnecting(url, { ...options, queue: Infinity })),
  ),
  partysocket: measureScript((url) => openSocket(new PartySocket(url, [], others))),
  "reconnecting-websocket": measureScript((url) =>
    openSocket(new ReconnectingWebSocket(url, [], others)),
  ),
};

/** Idle ones. */
const CONNECTIONS = 1_000;

for (const shape of ["receive", "send"]) {
  for (const size of [16, 1024]) {
    const work = { port, shape, kind: "ascii", size, payload: payload("ascii", size) };
    const ns = await takeTurns(CLIENTS, work, Number(rounds));
    console.log(JSON.stringify({ shape, kind: "ascii", size, ns }));
  }
}
const idleOnes = await idle(QWebSocket, opening(`ws://127.0.0.1:${port}/echo`), used, CONNECTIONS);
console.log(JSON.stringify({ shape: "idle", kind: "connections", size: 0, ...idleOnes }));
process.exit();

function opening(url) {
  return {
    direct: () =>
      new Promise((resolve) => {
        const socket = new Class(url);
        socket.onopen = () => resolve(socket);
      }),
    ours: async () => {
      const socket = new QWebSocket(options);
      await socket.open(url);
      return socket;
    },
  };
}

function used() {
  globalThis.gc();
  return process.memoryUsage().heapUsed;
}
