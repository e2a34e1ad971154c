// A page that its browser freezes, and lets go on.

import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";

import { Browser } from "./lib/devtools.mjs";
import { scratch } from "./lib/project.mjs";
import { serve } from "./lib/site.mjs";
import { require } from "./lib/tools.mjs";

const { WebSocketServer } = require("ws");

test("a page closes when it is frozen, and reconnects when it goes on", { timeout: 30_000 }, async (t) => {
  const server = new WebSocketServer({ host: "127.0.0.1", port: 0 });
  const site = await serve(await scratch("frozen"));
  const browser = await Browser.launch();
  t.after(async () => {
    await browser.close();
    site.stop();
    server.close();
  });
  /** The next connection, which has to be for this path. */
  const connection = async (path) => {
    const [socket, { url }] = await once(server, "connection");
    assert.equal(url, path);
    return socket;
  };
  const call = await browser.page(`${site.url}/?server=ws://127.0.0.1:${server.address().port}`);
  const closed = await connection("/closed");
  const lost = await connection("/back");
  await once(lost, "message");

  const closing = once(closed, "close");
  await call("Page.setWebLifecycleState", { state: "frozen" });
  const [code, reason] = await closing;
  assert.deepEqual([code, String(reason)], [4001, "frozen"]);

  lost.terminate();
  const back = connection("/back");
  await call("Page.setWebLifecycleState", { state: "active" });
  await back;
});
