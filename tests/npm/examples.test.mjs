// The examples of the package, as a project has them.

import assert from "node:assert/strict";
import { cp } from "node:fs/promises";
import path from "node:path";
import { before, test } from "node:test";

import { scratch } from "./lib/project.mjs";
import { command, hosts, newerNode, node, run } from "./lib/tools.mjs";

const sources = path.join(import.meta.dirname, "../../npm/examples");
// The types of Vitest are not ours to check.
const STRICT =
  "--noEmit --ignoreConfig --strict --exactOptionalPropertyTypes --skipLibCheck".split(
    " ",
  );
const TYPES =
  "--module nodenext --target esnext --lib esnext,dom --allowImportingTsExtensions".split(
    " ",
  );

let dir;
before(async () => {
  dir = await scratch("examples", hosts);
  await cp(sources, dir, { recursive: true });
});

test("they compile", async () => {
  const files = [
    "chat.ts",
    "chat.test.ts",
    "svelte.ts",
    "solid.ts",
    "stores.ts",
  ];
  assert.equal(
    await run(command("tsc"), [...STRICT, ...TYPES, ...files], { cwd: dir }),
    "",
  );
});

test("the chat, by its own tests", async () => {
  const vitest = path.join(hosts, "node_modules/.bin/vitest");
  const flags = ["run", "--root", dir, "--reporter", "json"];
  const told = await run(node, [vitest, ...flags], { cwd: dir });
  const { success, numPassedTests } = JSON.parse(told);
  assert.deepEqual([success, numPassedTests], [true, 4], told);
});

test("Svelte and Solid", async () => {
  // Solid's part for servers has no effects.
  const told = await run(newerNode, ["--conditions=browser", "stores.ts"], {
    cwd: dir,
  });
  assert.deepEqual(told.trim().split("\n"), [
    "unconnected, connecting, connected, from Svelte, 1000",
    "unconnected, connecting, connected, from Solid, 1000",
  ]);
});
