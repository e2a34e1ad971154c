// Lets the libraries take turns: what each needs for a message is the median over all rounds.

import { addedByOurs } from "./added.js";
import { CLIENTS } from "./clients.js";
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
    tell("done");
  } catch (error) {
    tell(`error: ${error.message}\n${error.stack}`);
  }
}
