// The package outside of browsers.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { EchoServer } from "./lib/echo_server.mjs";
import { scratch } from "./lib/project.mjs";
import { bun, deno, newerNode, node, run } from "./lib/tools.mjs";

let server;
before(async () => (server = await EchoServer.start()));
after(() => server.stop());

const DENO_FLAGS = ["--quiet", "--check", "--allow-net=127.0.0.1", "--allow-read", "--no-prompt"];

test("Node, where each kind of module gets the same package", async (t) => {
  const dir = await scratch("node");
  for (const main of ["main.mjs", "main.cjs"]) {
    await t.test(`${main}, with the class of ws`, () => converses(dir, node, [main], ["ws"]));
    await t.test(`${main}, newer Node`, () => converses(dir, newerNode, [main]));
  }
});

// As Jest does, which knows no `require` of ES modules.
test("CommonJS gets CommonJS, and there is one class", async () => {
  const dir = await scratch("node");
  const source = `const { QWebSocket } = require("qwebsocket");
    const all = require("qwebsocket/reconnecting");
    if (all.QWebSocket !== QWebSocket) throw new Error("two classes");
    import("qwebsocket").then((one) => console.log(one.QWebSocket === QWebSocket));`;
  const output = await run(node, ["--no-experimental-require-module", "--eval", source], { cwd: dir });
  assert.equal(output.trim(), "true");
});

test("Node without a WebSocket says what it needs", async () => {
  const output = await run(node, ["main.mjs", server.url], { cwd: await scratch("node") });
  assert.match(output, /^QWebSocketError: .*hand one in/);
});

test("Deno", async () => {
  await converses(await scratch("deno"), deno, ["run", ...DENO_FLAGS, "main.ts"]);
});

test("Bun", async () => {
  await converses(await scratch("bun"), bun, ["main.ts"]);
});

/** Runs a program in `dir` with a URL as its argument, in front of `last`. */
function converses(dir, program, arguments_, last = []) {
  return server.converse(async (url) => {
    const output = await run(program, [...arguments_, url, ...last], { cwd: dir });
    return output.trim();
  });
}
