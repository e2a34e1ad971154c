// Test runners with what they are used with: Babel in Jest, mocks of sockets in Vitest.

import assert from "node:assert/strict";
import { cp } from "node:fs/promises";
import path from "node:path";
import { test } from "node:test";

import { server } from "../lib/pages.mjs";
import { scratch } from "../lib/project.mjs";
import { hosts, node, run, version } from "../lib/tools.mjs";
import { vitestPasses } from "../lib/vitest.mjs";

const program = (name) => path.join(hosts, "node_modules/.bin", name);
const reporter = path.join(import.meta.dirname, "../consumers/jest/reporter.cjs");

test(`Jest ${version("jest")}, babel-jest ${version("babel-jest")}`, async (t) => {
  const dir = await scratch("jest-babel");
  await cp(reporter, `${dir}/reporter.cjs`);
  // What is installed is compiled, too, as it is for React Native.
  const flags = ["--rootDir", dir, "--transform", '{"\\\\.[cm]?js$":"babel-jest"}'];
  flags.push(
    "--transformIgnorePatterns",
    "nothing",
    "--moduleFileExtensions",
    "js",
    "cjs",
    "mjs",
    "json",
  );
  flags.push("--reporters", `${dir}/reporter.cjs`);
  for (const environment of ["node", "jsdom"]) {
    await t.test(environment, () =>
      server.converse(async (url) => {
        const env = { ...process.env, ECHO: url };
        const told = await run(node, [program("jest"), ...flags, "--env", environment], {
          cwd: dir,
          env,
        });
        assert.equal(told.trim(), "1 passed");
        return "echoed";
      }),
    );
  }
});

for (const [name, file] of [
  ["mock-socket", "mock_socket"],
  ["vitest-websocket-mock", "websocket_mock"],
]) {
  test(`${name} ${version(name)}, Vitest ${version("vitest")}`, async (t) => {
    const dir = await scratch("mocks");
    for (const environment of ["node", "jsdom", "happy-dom"]) {
      await t.test(environment, () => vitestPasses(dir, file, environment, 1));
    }
  });
}
