// Sequences of calls and happenings in virtual time, with odd values among the arguments, against
// models. `QWEBSOCKET_SEQUENCES` is how many of each kind, `QWEBSOCKET_SEED` the first seed.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import path from "node:path";
import { test } from "node:test";

const { QWEBSOCKET_SEQUENCES = "5000", QWEBSOCKET_SEED = "1" } = process.env;
const run = path.join(import.meta.dirname, "run.mjs");

for (const model of ["SocketModel", "ReconnectingModel"]) {
  test(`${QWEBSOCKET_SEQUENCES} sequences against ${model}`, async () => {
    const output = await new Promise((resolve) =>
      execFile(
        process.execPath,
        [run, model, QWEBSOCKET_SEQUENCES, QWEBSOCKET_SEED],
        (_, ...output) => resolve(output.join("")),
      ),
    );
    assert.equal(output, "");
  });
}
