// React Native: bundled by Metro, compiled for Hermes, and run where there is no WebAssembly either.

import assert from "node:assert/strict";
import path from "node:path";
import { test } from "node:test";

import { scratch } from "../lib/project.mjs";
import { hosts, node, require, run, version } from "../lib/tools.mjs";

const HERMESC = { darwin: "osx-bin/hermesc", linux: "linux64-bin/hermesc" }[process.platform];

test(`Metro ${version("metro")}, Hermes ${version("hermes-compiler")}`, async (t) => {
  const dir = await scratch("hermes");
  const bundle = path.join(dir, "bundle.js");
  await t.test("bundles", async () => {
    const metro = require("metro");
    const config = await metro.loadConfig(
      { cwd: dir },
      { projectRoot: dir, watchFolders: [hosts] },
    );
    config.reporter = { update() {} };
    const wanted = { entry: "main.js", out: bundle, platform: "android", dev: false };
    await metro.runBuild(config, { ...wanted, minify: true });
  });
  await t.test("compiles", async () => {
    const hermesc = path.join(hosts, "node_modules/hermes-compiler/hermesc", HERMESC);
    const flags = ["-emit-binary", "-O", "-w", "-out", `${dir}/bundle.hbc`, bundle];
    assert.equal(await run(hermesc, flags), "");
  });
  await t.test("says what is missing", async () => {
    const script = `delete globalThis.WebAssembly; require(${JSON.stringify(bundle)});`;
    const told = await run(node, ["--input-type=commonjs", "--eval", script], { cwd: dir });
    const line = "Unsupported: there is no WebAssembly here";
    assert.deepEqual(told.trim().split("\n"), [line, line]);
  });
});
