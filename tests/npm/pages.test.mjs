// The package in a browser: as it is, and through bundlers.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { promisify } from "node:util";

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

async function served(dir, visit) {
  const site = await serve(dir);
  try {
    await visit(`${site.url}/`);
  } finally {
    site.stop();
  }
}

/** In the page itself, and in a worker that the bundler finds. */
async function conversesEverywhere(t, page) {
  for (const place of ["page", "worker"]) {
    await t.test(place, () => conversesAt(`${page}?place=${place}`));
  }
}

function conversesAt(page) {
  const address = new URL(page);
  return server.converse((url) => {
    address.searchParams.set("server", url);
    return titleOf(browser, address.href);
  });
}
