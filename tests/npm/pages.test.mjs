// The package in a browser: as it is, and through bundlers.

import assert from "node:assert/strict";
import { test } from "node:test";
import { promisify } from "node:util";

import { conversesAt, conversesEverywhere, served } from "./lib/pages.mjs";
import { scratch } from "./lib/project.mjs";
import { command, node, require, run } from "./lib/tools.mjs";

for (const name of ["plain", "worker", "service-worker"]) {
  test(name, async () => {
    await served(await scratch(name), conversesAt);
  });
}

test("vite", async (t) => {
  const dir = await scratch("vite");
  await run(node, [command("vite"), "build", "--logLevel", "warn"], { cwd: dir });
  await served(`${dir}/dist`, (page) => conversesEverywhere(t, page));
});

test("vite's development server", async (t) => {
  const dir = await scratch("vite");
  const { createServer } = require("vite");
  const server = { host: "127.0.0.1", port: 0 };
  const vite = await createServer({ root: dir, configFile: false, logLevel: "warn", server });
  try {
    await vite.listen();
    await conversesEverywhere(t, vite.resolvedUrls.local[0]);
  } finally {
    await vite.close();
  }
});

test("webpack", async (t) => {
  const dir = await scratch("webpack");
  const compiler = require("webpack")({
    mode: "production",
    context: dir,
    entry: "./main.js",
    output: { path: `${dir}/dist` },
  });
  const stats = await promisify(compiler.run.bind(compiler))();
  assert(!stats.hasErrors() && !stats.hasWarnings(), stats.toString());
  await served(dir, (page) => conversesEverywhere(t, page));
});

test("esbuild", async () => {
  const dir = await scratch("esbuild");
  const flags = ["--bundle", "--format=esm", "--outdir=dist"];
  await run(command("esbuild"), ["main.js", ...flags, "--log-level=warning"], { cwd: dir });
  await served(dir, conversesAt);
});
