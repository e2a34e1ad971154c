// Vite of one version, as it is without a line of configuration.

import path from "node:path";
import { pathToFileURL } from "node:url";

import { conversesEverywhere, served } from "./pages.mjs";
import { scratch } from "./project.mjs";
import { hosts } from "./tools.mjs";

/** Its CommonJS entry warns of itself. */
export function vite(name) {
  const entry = path.join(hosts, "node_modules", name, "dist/node/index.js");
  return import(pathToFileURL(entry).href);
}

/** Its build and its development server, a page and a worker each. */
export async function viteWorks(t, name) {
  const { build, createServer } = await vite(name);
  const root = await scratch("vite", hosts);
  const common = { root, configFile: false, logLevel: "warn" };
  await t.test("build", async (t) => {
    await build(common);
    await served(`${root}/dist`, (page) => conversesEverywhere(t, page));
  });
  await t.test("development server", async (t) => {
    const server = { host: "127.0.0.1", port: 0 };
    const development = await createServer({ ...common, server });
    try {
      await development.listen();
      await conversesEverywhere(t, development.resolvedUrls.local[0]);
    } finally {
      await development.close();
    }
  });
}
