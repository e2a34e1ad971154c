// The hooks of React and Vue: rendered on a server, taken over by the page, and in it to the end.

import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { pathToFileURL } from "node:url";

import { Firefox } from "../page/lib/firefox.mjs";
import { launch, titleOf } from "./lib/chromium.mjs";
import { scratch } from "./lib/project.mjs";
import { serve } from "./lib/site.mjs";
import { node, require, run } from "./lib/tools.mjs";

const { build } = require("esbuild");
const { WebSocketServer } = require("ws");

let dir, LocalServer, site, chromium, firefox;
before(async () => {
  [dir, chromium, firefox] = await Promise.all([scratch("hooks"), launch(), Firefox.launch()]);
  const testing = `${dir}/node_modules/qwebsocket/node/testing.mjs`;
  ({ LocalServer } = await import(pathToFileURL(testing).href));
  site = await serve(dir);
});
after(async () => {
  site.stop();
  await Promise.all([chromium.close(), firefox.close()]);
});

const BROWSERS = {
  Chromium: (url) => titleOf(chromium, url, { mayComplain: /WebSocket is closed before/ }),
  async Firefox(url) {
    await firefox.goto(url);
    return firefox.until(() => document.title);
  },
};

// What is for development says what is wrong, and React's mounts each component twice.
const FLAGS = {
  "process.env.NODE_ENV": '"development"',
  __VUE_OPTIONS_API__: "false",
  __VUE_PROD_DEVTOOLS__: "false",
  __VUE_PROD_HYDRATION_MISMATCH_DETAILS__: "true",
};

for (const [name, source] of Object.entries({ react: "react.jsx", vue: "vue.js" })) {
  test(name, async (t) => {
    const common = { entryPoints: [`${dir}/${source}`], bundle: true, format: "esm", jsx: "automatic" };
    const markup = await rendered(name, common);
    assert.match(markup.replaceAll("<!-- -->", ""), /^<p>one: unconnected, nothing<\/p>$/);
    await build({ ...common, outfile: `${dir}/${name}.page.js`, define: FLAGS, jsxDev: true });
    const page = `<!doctype html><meta charset="utf-8"><div id="root">${markup}</div>
      <script type="module" src="${name}.page.js"></script>`;
    await writeFile(`${dir}/${name}.html`, page);
    for (const [browser, titleAt] of Object.entries(BROWSERS)) {
      await t.test(browser, () => plays(name, titleAt));
    }
  });
}

/** On a server, where nothing is left that would keep the program from its end. */
async function rendered(name, common) {
  const outfile = `${dir}/${name}.server.mjs`;
  await build({ ...common, outfile, platform: "node", packages: "external" });
  return (await run(node, [outfile], { cwd: dir })).trim();
}

async function plays(name, titleAt) {
  const server = await LocalServer.start({
    WebSocketServer,
    accept: ({ url }) => (url.endsWith("never") ? new Promise(() => {}) : true),
  });
  try {
    const echoing = Promise.all([echoes(server), echoes(server)]);
    const title = await titleAt(`${site.url}/${name}.html?server=${server.url}`);
    assert.deepEqual(JSON.parse(title), { isAnother: true, left: "" });
    await echoing;
    // One for each, though React mounts twice, and each closed.
    const seen = server.peers.map(({ url, received }) => [new URL(url).pathname, ...received]);
    assert.deepEqual(seen, [
      ["/one", "hello"],
      ["/two", "again"],
    ]);
    for (const { closed } of server.peers) {
      assert.equal((await closed).code, 1000);
    }
  } finally {
    await server.stop();
  }
}

/** Sends the next connection back what it sends, to its end. */
async function echoes(server) {
  const peer = await server.next();
  for await (const message of peer) {
    peer.send(message);
  }
}
