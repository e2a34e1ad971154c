// Sequences of calls and happenings in virtual time, with odd values among the arguments, against
// models. `QWEBSOCKET_SEQUENCES` is how many of each kind, `QWEBSOCKET_SEED` the first seed.

import assert from "node:assert/strict";
import { test } from "node:test";

import { entry } from "../lib/package.mjs";
import { Chance, VirtualTime } from "../lib/virtual.mjs";
import { Own } from "./odd.mjs";
import { ReconnectingModel } from "./reconnecting_model.mjs";
import { SocketModel } from "./socket_model.mjs";

const { QWEBSOCKET_SEQUENCES = "5000", QWEBSOCKET_SEED = "1" } = process.env;
const STEPS = 30;

const time = new VirtualTime();
const package_ = await entry("reconnecting");
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

for (const Model of [SocketModel, ReconnectingModel]) {
  test(`${QWEBSOCKET_SEQUENCES} sequences against ${Model.name}`, async () => {
    for (let index = 0; index < Number(QWEBSOCKET_SEQUENCES); index++) {
      const seed = Number(QWEBSOCKET_SEED) + index;
      const model = new Model(package_, new Chance(seed), time);
      try {
        for (let step = 0; step < STEPS; step++) {
          await model.step();
        }
        await model.end();
        assert.deepEqual(faults.splice(0), []);
      } catch (error) {
        error.message += `\nQWEBSOCKET_SEED=${seed} QWEBSOCKET_SEQUENCES=1 repeats it`;
        throw error;
      }
    }
  });
}
