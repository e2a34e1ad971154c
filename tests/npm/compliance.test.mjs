// The class of the platform's shape, beside the browser's own: what the web platform tests for WebSocket
// assert, written anew; each case is called like the file of web-platform-tests that it is taken from.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { Firefox } from "../page/lib/firefox.mjs";
import { launch, titleOf } from "./lib/chromium.mjs";
import { scratch } from "./lib/project.mjs";
import { ScriptedServer } from "./lib/scripted_server.mjs";
import { serve } from "./lib/site.mjs";

/** What ours does in another way, and why. */
const DIFFERENCES = {
  "Secure-Close-1005-verify-code.any.js": "`close()` without a code sends 1000, as Qt's does",
  "idlharness.any.js, inheritance": "a class stands between ours and `EventTarget`",
  "MessageEvent.origin (WebSockets §4)": "only the platform's own events are trusted",
};

/** What a browser's class does in another way; ours parses URLs by the same parser. */
const OF_BROWSERS = {
  Chromium: {
    "Create-invalid-urls.any.js": "a space in the host of a URL is escaped, not refused",
    "Create-Secure-url-with-space.any.js": "the same",
  },
  Firefox: {},
};

let server, site;
before(async () => {
  server = await ScriptedServer.start();
  site = await serve(await scratch("compliance"));
});
after(() => {
  server.stop();
  site.stop();
});

test("Chromium", async () => {
  const browser = await launch();
  try {
    judge("Chromium", await titleOf(browser, address(), { mayComplain: /./, timeout: 120_000 }));
  } finally {
    await browser.close();
  }
});

test("Firefox", async () => {
  const preferences = { "network.websocket.delay-failed-reconnects": false };
  const firefox = await Firefox.launch({ preferences });
  try {
    await firefox.goto(address());
    judge("Firefox", await firefox.until(() => document.title));
  } finally {
    await firefox.close();
  }
});

function address() {
  const silent = server.url.replace("127.0.0.1", "127.0.0.2");
  return `${site.url}/?${new URLSearchParams({ server: server.url, silent })}`;
}

/** Both classes do what the standard says, but for what is listed: neither more nor less. */
function judge(name, title) {
  const told = Object.entries(JSON.parse(title));
  assert(told.length > 80, `there are ${told.length} cases`);
  const failed = (name) => told.filter(([, outcomes]) => outcomes[name] !== "");
  const [ours, platform] = ["ours", "platform"].map((name) => Object.fromEntries(failed(name)));
  const listed = Object.keys(OF_BROWSERS[name]);
  assert.deepEqual(Object.keys(platform).sort(), listed.sort(), JSON.stringify(platform));
  const others = [...listed, ...Object.keys(DIFFERENCES)].sort();
  assert.deepEqual(Object.keys(ours).sort(), others, JSON.stringify(ours));
}
