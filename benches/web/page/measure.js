// Lets the libraries take turns: what each needs for a message is the median over all rounds.

import { addedByOurs } from "./added.js";
import { CLIENTS } from "./clients.js";
import { payload } from "./payload.js";
import { median } from "./statistics.js";

const SHAPES = ["receive", "send", "round trip"];
const KINDS = ["ascii", "multibyte", "binary"];
const SIZES = [16, 1024, 64 * 1024];

/** How long a turn should take, in milliseconds. */
const TURN = 60;

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
          tell(JSON.stringify({ shape, kind, size, ns: await takeTurns(work, Number(rounds)) }));
        }
      }
    }
    tell("done");
  } catch (error) {
    tell(`error: ${error.message}\n${error.stack}`);
  }
}

async function takeTurns(work, rounds) {
  const names = Object.keys(CLIENTS);
  const count = await calibrated(work);
  const times = Object.fromEntries(names.map((name) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    // Each round begins with another one.
    for (let turn = 0; turn < names.length; turn++) {
      const name = names[(round + turn) % names.length];
      times[name].push(await take(CLIENTS[name], work, count));
    }
  }
  const ns = names.map((name) => [name, (median(times[name]) / count) * 1e6]);
  return Object.fromEntries(ns);
}

/** How many messages the raw socket needs for a turn. */
async function calibrated(work) {
  let count = 16;
  for (;;) {
    const ms = await take(CLIENTS.raw, work, count);
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
