// Bundlers, test runners and hosts that take the package in a way of their own, each as it is without
// a line of configuration.

import assert from "node:assert/strict";
import { cp } from "node:fs/promises";
import { createRequire } from "node:module";
import path from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";

import { conversesAt, served, server } from "./lib/pages.mjs";
import { scratch } from "./lib/project.mjs";
import {
  bun,
  deno,
  hosts,
  node,
  require as requireTool,
  run,
  runtimes,
  tools,
  version,
} from "./lib/tools.mjs";
import { viteWorks } from "./lib/vite.mjs";
import { vitestPasses } from "./lib/vitest.mjs";

const require = createRequire(`${hosts}/`);
const program = (name) => path.join(hosts, "node_modules/.bin", name);
const esbuild = requireTool("esbuild");
/** What Jest and Vitest do alike. */
const fakeTimers = path.join(import.meta.dirname, "consumers/fake_timers.mjs");

test(`Vite ${version("vite-5")}`, (t) => viteWorks(t, "vite-5"));

test(`Rollup ${version("rollup")}`, async (t) => {
  const { rollup } = require("rollup");
  const { nodeResolve } = require("@rollup/plugin-node-resolve");
  const dir = await scratch("script", hosts);
  const warnings = [];
  const bundle = await rollup({
    input: `${dir}/main.js`,
    plugins: [nodeResolve({ browser: true })],
    onwarn: ({ message }) => warnings.push(message),
  });
  assert.deepEqual(warnings, []);
  for (const format of ["es", "iife"]) {
    await t.test(format, async () => {
      await bundle.write({ file: `${dir}/dist/main.js`, format });
      await served(dir, conversesAt);
    });
  }
});

test(`Rolldown ${version("rolldown", tools)}`, async (t) => {
  const { build } = await import(pathToFileURL(requireTool.resolve("rolldown")).href);
  const dir = await scratch("script");
  for (const format of ["esm", "iife"]) {
    await t.test(format, async () => {
      const onLog = (_, { message }) => {
        throw new Error(message);
      };
      const input = `${dir}/main.js`;
      await build({
        input,
        platform: "browser",
        onLog,
        output: { file: `${dir}/dist/main.js`, format },
      });
      await served(dir, conversesAt);
    });
  }
});

test(`Bun ${version("bun", runtimes)}, build`, async (t) => {
  for (const [format, consumer] of Object.entries({ esm: "esbuild", iife: "script" })) {
    await t.test(format, async () => {
      const dir = await scratch(consumer);
      const flags = ["--outdir", "dist", "--target", "browser", "--format", format];
      await run(bun, ["build", "main.js", ...flags], { cwd: dir });
      await served(dir, conversesAt);
    });
  }
});

test(`esbuild ${version("esbuild", tools)}, a script that is no module`, async () => {
  const dir = await scratch("script", hosts);
  const outfile = `${dir}/dist/main.js`;
  await build({ entryPoints: [`${dir}/main.js`], outfile, format: "iife" });
  await served(dir, conversesAt);
});

test(`esbuild ${version("esbuild", tools)}, CommonJS`, async () => {
  const dir = await scratch("node");
  const outfile = `${dir}/dist/main.cjs`;
  await build({ entryPoints: [`${dir}/main.cjs`], outfile, format: "cjs", platform: "node" });
  await server.converse((url) => output(node, [outfile, url, "ws"], { cwd: dir }));
});

test(`Jest ${version("jest")}`, async (t) => {
  const dir = await scratch("jest", hosts);
  await cp(fakeTimers, `${dir}/fake_timers.mjs`);
  const entryPoints = ["converse", "fake_timers"].map((name) => `${dir}/${name}.mjs`);
  await esbuild.build({ entryPoints, outdir: dir, outExtension: { ".js": ".cjs" }, format: "cjs" });
  const jest = (file, environment, variables, passed) =>
    t.test(`${file}, ${environment}`, () =>
      server.converse(async (url) => {
        const flags = ["--rootDir", dir, "--testMatch", `**/${file}`, "--env", environment];
        flags.push("--moduleFileExtensions", "js", "cjs", "mjs", "json");
        const env = { ...process.env, ECHO: url, ...variables };
        const reporter = ["--reporters", `${dir}/reporter.cjs`];
        assert.equal(
          await output(node, [program("jest"), ...flags, ...reporter], { cwd: dir, env }),
          `${passed} passed`,
        );
        return "echoed";
      }),
    );
  await jest("commonjs.test.cjs", "node", { HANDS_IN: "1" }, 3);
  await jest("commonjs.test.cjs", "jsdom", {}, 3);
  const modules = { NODE_OPTIONS: "--experimental-vm-modules --no-warnings" };
  await jest("module.test.mjs", "jsdom", modules, 1);
});

test(`Vitest ${version("vitest")}`, async (t) => {
  const dir = await scratch("vitest", hosts);
  await cp(fakeTimers, `${dir}/fake_timers.mjs`);
  // The class of jsdom itself throws in Vitest.
  for (const [environment, HANDS_IN] of Object.entries({ "happy-dom": "", jsdom: "1" })) {
    await t.test(environment, () =>
      server.converse(async (url) => {
        await vitestPasses(dir, "", environment, 2, { ECHO: url, HANDS_IN });
        return "echoed";
      }),
    );
  }
});

test(`workerd of Miniflare ${version("miniflare")}, which compiles no bytes`, async () => {
  const { Miniflare } = require("miniflare");
  const dir = await scratch("workerd", hosts);
  const out = `${dir}/dist`;
  await build({
    entryPoints: [`${dir}/worker.js`],
    outfile: `${out}/worker.js`,
    format: "esm",
    conditions: ["workerd", "worker", "browser"],
    alias: { "qwebsocket/core.wasm": "./core.wasm" },
    external: ["./core.wasm"],
  });
  await cp(`${dir}/node_modules/qwebsocket/core.wasm`, `${out}/core.wasm`);
  const workerd = new Miniflare({
    modulesRoot: out,
    modules: [
      { type: "ESModule", path: `${out}/worker.js` },
      { type: "CompiledWasm", path: `${out}/core.wasm` },
    ],
    compatibilityDate: "2026-01-01",
  });
  try {
    await server.converse(async (url) => {
      const response = await workerd.dispatchFetch(`http://worker/?server=${url}`);
      return response.text();
    });
  } finally {
    await workerd.dispose();
  }
});

test("Deno by URL, with nothing allowed but the network", async () => {
  await served(await scratch("deno-url", hosts), (page) => {
    const { host } = new URL(page);
    const flags = ["--quiet", "--no-prompt", "--allow-net=127.0.0.1", `--allow-import=${host}`];
    return server.converse((url) => output(deno, ["run", ...flags, `${page}main.js`, url]));
  });
});

async function build(options) {
  const { warnings } = await esbuild.build({ bundle: true, logLevel: "silent", ...options });
  assert.deepEqual(warnings, []);
}

async function output(program, arguments_, options) {
  return (await run(program, arguments_, options)).trim();
}
