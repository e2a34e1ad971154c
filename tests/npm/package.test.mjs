// The tarball itself.

import assert from "node:assert/strict";
import { readFile, readdir } from "node:fs/promises";
import path from "node:path";
import { test } from "node:test";

import { scratch } from "./lib/project.mjs";
import { command, node, require, run, tarball } from "./lib/tools.mjs";

const CONTENTS = [
  "CHANGELOG.md",
  "LICENSE-APACHE",
  "LICENSE-MIT",
  "README.md",
  "index.cjs",
  "index.d.cts",
  "index.d.ts",
  "index.js",
  "index.js.map",
  "package.json",
  "qwebsocket_bg.wasm",
  "wasm.d.cts",
  "wasm.d.ts",
];

test("holds these files and no others", async () => {
  const list = await run("tar", ["-tf", tarball]);
  const files = list.trim().split("\n").map((file) => file.replace("package/", ""));
  assert.deepEqual(files.sort(), CONTENTS);
});

test("publint finds nothing", async () => {
  const { publint } = require("publint");
  const pack = { tarball: await readFile(tarball) };
  const { messages } = await publint({ pack, strict: true });
  assert.deepEqual(messages, []);
});

test("are the types wrong? No", async () => {
  const { stdout } = await run(command("attw"), [tarball, "--format=json"]);
  const { problems, analysis } = JSON.parse(stdout);
  assert.deepEqual(problems, {});
});
