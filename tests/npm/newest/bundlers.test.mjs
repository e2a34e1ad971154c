// Bundlers, besides those that every change is tried with.

import { cp } from "node:fs/promises";
import path from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";

import { conversesAt, conversesEverywhere, served, server } from "../lib/pages.mjs";
import { scratch } from "../lib/project.mjs";
import { bun, node, require, run, version } from "../lib/tools.mjs";
import { vite, viteWorks } from "../lib/vite.mjs";

for (const name of ["vite-6", "vite-7"]) {
  test(`Vite ${version(name)}`, (t) => viteWorks(t, name));
}

test(`Vite ${version("vite")}, a library as a script`, async () => {
  const root = await scratch("script");
  const lib = { entry: "main.js", formats: ["iife"], name: "Client", fileName: () => "main.js" };
  const { build } = await vite("vite");
  await build({ root, configFile: false, logLevel: "warn", build: { lib } });
  await served(root, conversesAt);
});

test(`Vite ${version("vite")}, on a server`, async (t) => {
  const root = await scratch("ssr");
  const { build, createServer } = await vite("vite");
  const common = { root, configFile: false, logLevel: "warn", appType: "custom" };
  // Nothing is left to Node to load.
  const ssr = { noExternal: true };
  await t.test("build", async () => {
    await build({ ...common, ssr, build: { ssr: "main.js" } });
    await server.converse((url) => output(node, [`${root}/dist/main.js`, url]));
  });
  await t.test("development server", async () => {
    const development = await createServer({ ...common, ssr, server: { middlewareMode: true } });
    try {
      const { conversing } = await development.ssrLoadModule("/main.js");
      await server.converse(conversing);
    } finally {
      await development.close();
    }
  });
});

test(`Bun ${version("bun")}, build --compile`, async () => {
  const dir = await scratch("bun");
  await run(bun, ["build", "--compile", "main.ts", "--outfile", "program"], { cwd: dir });
  await server.converse((url) => output(path.join(dir, "program"), [url]));
});

test(`Astro ${version("astro")}`, async (t) => {
  const root = await scratch("astro");
  const consumers = path.join(import.meta.dirname, "../consumers");
  for (const name of ["main.js", "worker.js"]) {
    await cp(path.join(consumers, "vite", name), path.join(root, name));
  }
  process.env.ASTRO_TELEMETRY_DISABLED = "1";
  const astro = await import(pathToFileURL(require.resolve("astro")).href);
  const config = { root, logLevel: "error", devToolbar: { enabled: false } };
  await t.test("build", async (t) => {
    await astro.build(config);
    await served(`${root}/dist`, (page) => conversesEverywhere(t, page));
  });
  await t.test("development server", async (t) => {
    const development = await astro.dev({ ...config, server: { host: "127.0.0.1", port: 0 } });
    try {
      await conversesEverywhere(t, `http://127.0.0.1:${development.address.port}/`);
    } finally {
      await development.stop();
    }
  });
});

async function output(program, arguments_, options) {
  return (await run(program, arguments_, options)).trim();
}
