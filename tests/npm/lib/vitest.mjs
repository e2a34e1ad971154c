// Vitest in a project, and what it made of it.

import assert from "node:assert/strict";
import { readFile, rm } from "node:fs/promises";
import path from "node:path";

import { hosts, node, run } from "./tools.mjs";

const program = path.join(hosts, "node_modules/.bin/vitest");

/** Runs the tests whose files have `name` in theirs; so many have to pass, and all. */
export async function vitestPasses(dir, name, environment, passed, variables = {}) {
  const report = path.join(dir, "report.json");
  await rm(report, { force: true });
  const flags = ["run", name, "--root", dir, "--environment", environment];
  flags.push("--reporter", "json", "--outputFile", report);
  const options = { cwd: dir, env: { ...process.env, ...variables } };
  const failure = await run(node, [program, ...flags], options).catch((error) => error);
  const told = await readFile(report, "utf8").catch(() => Promise.reject(failure));
  const { success, numPassedTests } = JSON.parse(told);
  assert.deepEqual([success, numPassedTests], [true, passed], told);
}
