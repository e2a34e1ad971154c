// What the WebAssembly takes of memory.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { EchoServer } from "./lib/echo_server.mjs";
import { scratch } from "./lib/project.mjs";
import { newerNode, run } from "./lib/tools.mjs";

const KIB = 1024;
/** What an instance may take when it has started, in bytes. */
const AT_START = 256 * KIB;
/** The stack of npm/build.rs. */
const STACK = 64 * KIB;

let server;
before(async () => (server = await EchoServer.start()));
after(() => server.stop());

test("starts small, and deep use leaves most of the stack", async (t) => {
  const dir = await scratch("memory");
  const output = await run(newerNode, ["main.mjs", server.url, STACK], { cwd: dir });
  const { atStart, used } = JSON.parse(output);
  t.diagnostic(`${atStart / KIB} KiB at the start, ${used} B of the stack in use`);
  assert(atStart <= AT_START, `${atStart} bytes`);
  assert(used > 0 && used <= STACK / 4, `${used} bytes of the stack`);
});
