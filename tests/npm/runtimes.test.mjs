// The package outside of browsers.

import { after, before, test } from "node:test";

import { EchoServer } from "./lib/echo_server.mjs";
import { scratch } from "./lib/project.mjs";
import { bun, deno, newerNode, node, run } from "./lib/tools.mjs";

let server;
before(async () => (server = await EchoServer.start()));
after(() => server.stop());

const DENO_FLAGS = ["--allow-net=127.0.0.1", "--allow-read", "--no-prompt", "--check"];

test("Node, where each kind of module gets the same package", async (t) => {
  const dir = await scratch("node");
  for (const main of ["main.mjs", "main.cjs"]) {
    await t.test(`${main}, with the class of ws`, () => converses(dir, node, [main], ["ws"]));
    await t.test(`${main}, newer Node`, () => converses(dir, newerNode, [main]));
  }
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
