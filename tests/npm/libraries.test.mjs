// Libraries that are given a socket of the package, or something for it, each against a real server.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { EchoServer } from "./lib/echo_server.mjs";
import { scratch } from "./lib/project.mjs";
import { command, hosts, newerNode, run } from "./lib/tools.mjs";

const STRICT = ["--noEmit", "--ignoreConfig", "--strict", "--exactOptionalPropertyTypes"];
const TYPES = "--module nodenext --target esnext --lib esnext,dom --types node".split(" ");

let server;
before(async () => (server = await EchoServer.start()));
after(() => server.stop());

test("schemas of zod, valibot and arktype", async () => {
  const dir = await scratch("schemas", hosts);
  await run(command("tsc"), [...STRICT, ...TYPES, "main.ts"], { cwd: dir });
  const told = await run(newerNode, ["main.ts", server.url], { cwd: dir });
  assert.deepEqual(told.trim().split("\n"), [
    "zod: SchemaError, € 5",
    "zod, later: SchemaError, € 5",
    "valibot: SchemaError, € 5",
    "arktype: SchemaError, € 5",
  ]);
});
