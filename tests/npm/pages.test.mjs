// The package in a browser: as it is, and through bundlers.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { launch, titleOf } from "./lib/chromium.mjs";
import { EchoServer } from "./lib/echo_server.mjs";
import { scratch } from "./lib/project.mjs";
import { serve } from "./lib/site.mjs";
import { command, node, require, run } from "./lib/tools.mjs";

let server, browser;
before(async () => {
  [server, browser] = await Promise.all([EchoServer.start(), launch()]);
});
after(async () => {
  server.stop();
  await browser.close();
});

for (const name of ["plain", "worker", "service-worker"]) {
  test(name, async () => converses(await scratch(name)));
}

test("vite", async () => {
  const dir = await scratch("vite");
  await run(node, [command("vite"), "build", "--logLevel", "warn"], { cwd: dir });
  await converses(`${dir}/dist`);
});

test("vite's development server", async () => {
  const dir = await scratch("vite");
  const { createServer } = require("vite");
  const server = { host: "127.0.0.1", port: 0 };
  const vite = await createServer({ root: dir, configFile: false, logLevel: "warn", server });
  try {
    await vite.listen();
    await conversesAt(vite.resolvedUrls.local[0]);
  } finally {
    await vite.close();
  }
});

test("esbuild", async () => {
  const dir = await scratch("esbuild");
  const flags = ["--bundle", "--format=esm", "--outdir=dist", "--loader:.wasm=file"];
  await run(command("esbuild"), ["main.js", ...flags, "--log-level=warning"], { cwd: dir });
  await converses(dir);
});

test("webpack", async () => {
  const dir = await scratch("webpack");
  const compiler = require("webpack")({
    mode: "production",
    context: dir,
    entry: "./main.js",
    output: { path: `${dir}/dist` },
  });
  const stats = await new Promise((resolve, reject) =>
    compiler.run((error, stats) => (error ? reject(error) : resolve(stats))),
  );
  assert(!stats.hasErrors() && !stats.hasWarnings(), stats.toString());
  await converses(dir);
});

/** Serves a directory and lets its page converse. */
async function converses(dir) {
  const site = await serve(dir);
  try {
    await conversesAt(`${site.url}/`);
  } finally {
    site.stop();
  }
}

function conversesAt(page) {
  return server.converse((url) => titleOf(browser, `${page}?server=${url}`));
}
