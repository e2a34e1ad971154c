// React Native: bundled by Metro, compiled for Hermes, and run where there is no WebAssembly either.

import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { test } from "node:test";

import { server } from "../lib/pages.mjs";
import { scratch } from "../lib/project.mjs";
import { hosts, node, require, run, version } from "../lib/tools.mjs";

const HERMESC = { darwin: "osx-bin/hermesc", linux: "linux64-bin/hermesc" }[process.platform];

/** Bundles a program for React Native, and compiles it; returns the bundle. */
async function compiled(dir, entry) {
  const bundle = path.join(dir, `bundle_of_${entry}`);
  const metro = require("metro");
  const config = await metro.loadConfig({ cwd: dir }, { projectRoot: dir, watchFolders: [hosts] });
  config.reporter = { update() {} };
  await metro.runBuild(config, {
    entry,
    out: bundle,
    platform: "android",
    dev: false,
    minify: true,
  });
  const hermesc = path.join(hosts, "node_modules/hermes-compiler/hermesc", HERMESC);
  const flags = ["-emit-binary", "-O", "-w", "-out", `${bundle}.hbc`, bundle];
  assert.equal(await run(hermesc, flags), "");
  return bundle;
}

/** Runs a bundle where there is no WebAssembly either, with the class of ws as the platform's. */
function ran(dir, bundle) {
  const script = `delete globalThis.WebAssembly;
    globalThis.WebSocket = require("ws").WebSocket;
    require(${JSON.stringify(bundle)});`;
  return run(node, ["--input-type=commonjs", "--eval", script], { cwd: dir });
}

test(`Metro ${version("metro")}, Hermes ${version("hermes-compiler")}`, async (t) => {
  const dir = await scratch("hermes");
  await t.test("without WebAssembly", async () => {
    const told = await ran(dir, await compiled(dir, "main.js"));
    const line = "Unsupported: there is no WebAssembly here";
    assert.deepEqual(told.trim().split("\n"), [line, line]);
  });
  await t.test("with the core in JavaScript", async () => {
    const bundle = await compiled(dir, "javascript.js");
    await server.converse(async (url) => {
      await writeFile(
        bundle,
        `globalThis.server = ${JSON.stringify(url)};${await readFile(bundle)}`,
      );
      return (await ran(dir, bundle)).trim();
    });
  });
});
