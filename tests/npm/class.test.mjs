// The class, by the same cases in every runtime.

import assert from "node:assert/strict";
import { cp, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { after, before, test } from "node:test";

import { Firefox } from "../page/lib/firefox.mjs";
import { FAILED_CONNECTION, launch, titleOf } from "./lib/chromium.mjs";
import { scratch } from "./lib/project.mjs";
import { ScriptedServer } from "./lib/scripted_server.mjs";
import { serve } from "./lib/site.mjs";
import { bun, deno, newerNode, node, run } from "./lib/tools.mjs";

let server, dir;
before(async () => {
  [server, dir] = await Promise.all([ScriptedServer.start(), scratch("class")]);
});
after(() => server.stop());

const RUNTIMES = {
  "Node, with the class of ws": [node, "main.mjs", [{}, "ws"]],
  "newer Node": [newerNode, "main.mjs", [{}]],
  Deno: [deno, "run", "--allow-net=127.0.0.1,127.0.0.2", "--allow-read", "--no-prompt", "main.mjs", [{}]],
  Bun: [bun, "main.mjs", [{}]],
};

for (const [name, [program, ...arguments_]] of Object.entries(RUNTIMES)) {
  const [options, ...rest] = arguments_.pop();
  test(name, async (t) => {
    const all = [...arguments_, server.url, JSON.stringify(options), ...rest];
    await judge(t, JSON.parse(await run(program, all, { cwd: dir })));
  });
}

test("Node without WebAssembly, where the core is JavaScript", async (t) => {
  const dir = await scratch("javascript");
  await cp(path.join(import.meta.dirname, "consumers/class"), dir, { recursive: true });
  const script = await readFile(`${dir}/run.mjs`, "utf8");
  await writeFile(`${dir}/run.mjs`, script.replace("qwebsocket/reconnecting.js", "qwebsocket/js.js"));
  const flags = ["--import", "data:text/javascript,delete globalThis.WebAssembly"];
  const told = await run(newerNode, [...flags, "main.mjs", server.url, "{}", "ws"], { cwd: dir });
  await judge(t, JSON.parse(told));
});

const PLACES = ["page", "worker"];
const FIREFOX = { preferences: { "network.websocket.delay-failed-reconnects": false } };

for (const options of [{}, { stream: true }]) {
  for (const place of [...PLACES, "service worker"]) {
    test(`Chromium's ${place}, ${JSON.stringify(options)}`, (t) =>
      inBrowser(t, launch(), place, options, (browser, url) =>
        titleOf(browser, url, { mayComplain: FAILED_CONNECTION, timeout: 120_000 }),
      ),
    );
  }
}

for (const place of PLACES) {
  test(`Firefox's ${place}`, (t) =>
    inBrowser(t, Firefox.launch(FIREFOX), place, {}, async (firefox, url) => {
      await firefox.goto(url);
      return firefox.until(() => document.title);
    }),
  );
}

async function inBrowser(t, launching, place, options, titleAt) {
  const [browser, site] = await Promise.all([launching, serve(dir)]);
  try {
    const query = { server: server.url, options: JSON.stringify(options), place };
    const title = await titleAt(browser, `${site.url}/?${new URLSearchParams(query)}`);
    await judge(t, JSON.parse(title));
  } finally {
    site.stop();
    await browser.close();
  }
}

async function judge(t, results) {
  for (const { name, failure } of results) {
    await t.test(name, () => assert.equal(failure, null, failure));
  }
  assert(results.length > 40, `there are ${results.length} cases`);
}
