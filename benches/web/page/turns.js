// Lets libraries take turns with the same work: the nanoseconds that each needs for a message.

import { median } from "./statistics.js";

/** How long a turn should take, in milliseconds. */
const TURN = 60;

export async function takeTurns(clients, work, rounds) {
  const names = Object.keys(clients);
  const count = await calibrated(clients.raw, work);
  const times = Object.fromEntries(names.map((name) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    // Each round begins with another one.
    for (let turn = 0; turn < names.length; turn++) {
      const name = names[(round + turn) % names.length];
      times[name].push(await take(clients[name], work, count));
    }
  }
  const ns = names.map((name) => [name, (median(times[name]) / count) * 1e6]);
  return Object.fromEntries(ns);
}

/** How many messages the raw socket needs for a turn. */
async function calibrated(raw, work) {
  let count = 16;
  for (;;) {
    const ms = await take(raw, work, count);
    if (ms > TURN / 3) {
      return Math.ceil((count * TURN) / ms);
    }
    count *= 4;
  }
}

function take(client, { port, shape, kind, size, payload }, count) {
  const path = {
    receive: `push?${kind}&${size}&${count}`,
    send: `discard?${count}`,
    "round trip": "echo",
  }[shape];
  return client(shape, `ws://127.0.0.1:${port}/${path}`, payload, count);
}
