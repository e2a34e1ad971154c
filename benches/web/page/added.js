// What our class adds to a message on its way to a listener: without a socket, since the time that
// a socket takes differs by more than that.

import { QWebSocket } from "qwebsocket";

import { payload } from "./payload.js";
import { openQuietly, Quiet } from "./quiet.js";
import { median } from "./statistics.js";

const ROUNDS = 15;
/** Rounds in so many milliseconds at the beginning do not count: the engine is still compiling. */
const WARM_UP = 2_000;
const COUNT = 20_000;

/** The nanoseconds for a message, with the listener at the socket and with it at ours. */
export async function addedByOurs(kind, size) {
  const message = payload(kind, size);
  const data = typeof message == "string" ? message : message.buffer;
  const event = { data };
  let heard = 0;

  const raw = new Quiet("ws://127.0.0.1/");
  raw.addEventListener("message", ({ data }) => (heard += data.length ?? data.byteLength));

  const ours = new QWebSocket({ webSocket: Quiet });
  const socket = await openQuietly(ours);
  const listener = ({ message }) => (heard += message.length ?? message.byteLength);
  ours.ontextMessageReceived = listener;
  ours.onbinaryMessageReceived = listener;

  const times = { direct: [], ours: [] };
  const turns = Object.entries({ direct: raw, ours: socket });
  const warm = performance.now() + WARM_UP;
  let told = 0;
  while (times.ours.length < ROUNDS) {
    for (const [name, socket] of turns) {
      const started = performance.now();
      for (let count = 0; count < COUNT; count++) {
        socket.tell("message", event);
      }
      told += COUNT;
      if (started > warm) {
        times[name].push(((performance.now() - started) / COUNT) * 1e6);
      }
    }
    // What is owed to microtasks and timers.
    await new Promise((resolve) => setTimeout(resolve));
  }
  if (heard != told * (data.length ?? data.byteLength)) {
    throw new Error("a message was not heard");
  }
  ours.close();
  return { direct: median(times.direct), ours: median(times.ours) };
}
