// Runs so many sequences of a model from a seed on, in a process of its own: Node's test runner looks
// after each promise, which takes ten times as long as all else. Writes what is wrong, or nothing.

import assert from "node:assert/strict";

import { entry } from "../lib/package.mjs";
import { Chance, VirtualTime } from "../lib/virtual.mjs";
import { Own } from "./odd.mjs";
import { ReconnectingModel } from "./reconnecting_model.mjs";
import { SocketModel } from "./socket_model.mjs";

const STEPS = 30;

const [name, count, first] = process.argv.slice(2);
const Model = { SocketModel, ReconnectingModel }[name];
const all = await entry("reconnecting");
const time = new VirtualTime();
time.install();

// What functions of the application throw is reported; anything else is a fault.
const faults = [];
globalThis.reportError = (error) => {
  if (!(error instanceof Own || error instanceof TypeError)) {
    faults.push(error);
  }
};
process.on("uncaughtException", (error) => faults.push(error));
process.on("unhandledRejection", (error) => faults.push(error));

for (let seed = Number(first); seed < Number(first) + Number(count); seed++) {
  try {
    const model = new Model(all, new Chance(seed), time);
    for (let step = 0; step < STEPS; step++) {
      await model.step();
    }
    await model.end();
    assert.deepEqual(faults.splice(0), []);
  } catch (error) {
    console.log(`QWEBSOCKET_SEED=${seed} QWEBSOCKET_SEQUENCES=1 repeats it\n${error.stack}`);
    process.exit(1);
  }
}
process.exit();
