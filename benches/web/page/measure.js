// Lets the libraries take turns: what each needs for a message is the median over all rounds.

import { QWebSocket } from "qwebsocket";

import { addedByOurs } from "./added.js";
import { CLIENTS } from "./clients.js";
import { idle } from "./idle.js";
import { payload } from "./payload.js";
import { takeTurns } from "./turns.js";

const SHAPES = ["receive", "send", "round trip"];
const KINDS = ["ascii", "multibyte", "binary"];
const SIZES = [16, 1024, 64 * 1024];

/** Tells each result as a line of JSON, and `done` at the end. */
export async function measureAll({ port, rounds }, tell) {
  try {
    for (const kind of KINDS) {
      for (const size of SIZES) {
        tell(JSON.stringify({ shape: "added", kind, size, ...(await addedByOurs(kind, size)) }));
      }
    }
    for (const shape of SHAPES) {
      for (const kind of KINDS) {
        for (const size of SIZES) {
          const work = { port, shape, kind, size, payload: payload(kind, size) };
          tell(JSON.stringify({ shape, kind, size, ns: await takeTurns(CLIENTS, work, Number(rounds)) }));
        }
      }
    }
    // Where the browser tells it: Chromium's page.
    const { memory } = performance;
    if (memory && globalThis.gc) {
      const row = { shape: "idle", kind: "connections", size: 0 };
      tell(JSON.stringify({ ...row, ...(await idleHere(port, memory)) }));
    }
    tell("done");
  } catch (error) {
    tell(`error: ${error.message}\n${error.stack}`);
  }
}

/** A browser has no more connections than twice these at a time. */
const CONNECTIONS = 100;

function idleHere(port, memory) {
  const url = `ws://127.0.0.1:${port}/echo`;
  const opens = {
    direct: () =>
      new Promise((resolve) => {
        const socket = new WebSocket(url);
        socket.onopen = () => resolve(socket);
      }),
    ours: async () => {
      const socket = new QWebSocket();
      await socket.open(url);
      return socket;
    },
  };
  const used = () => (gc(), memory.usedJSHeapSize);
  return idle(QWebSocket, opens, used, CONNECTIONS);
}
