// Libraries that are given a socket of the package, or something for it, each against a real server.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { EchoServer } from "./lib/echo_server.mjs";
import {
  graphqlServer,
  mqttBroker,
  socketIoServer,
  trpcServer,
  yjsServer,
} from "./lib/library_servers.mjs";
import { scratch } from "./lib/project.mjs";
import { ScriptedServer } from "./lib/scripted_server.mjs";
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

test("libraries that take a class for their sockets", async (t) => {
  const dir = await scratch("websocket", hosts);
  const shows = (name, start, ...lines) =>
    t.test(name, async () => {
      const server = await start();
      try {
        // MQTT.js looks whether there is a `localStorage`.
        const flags = ["--disable-warning=ExperimentalWarning", `${name}.mjs`, server.url];
        const told = await run(newerNode, flags, { cwd: dir });
        assert.deepEqual(told.trim().split("\n"), lines);
      } finally {
        server.stop();
      }
    });
  await shows(
    "graphql",
    graphqlServer,
    '[{"greeting":"grüß Gott"}]',
    '[{"count":1},{"count":2},{"count":3}]',
    "1000 Normal Closure true",
    "4403 Forbidden",
  );
  const scripted = () => ScriptedServer.start();
  await shows("rxjs", scripted, '[1,"€",{"two":2}]', "open, closing, close 1000", "error");
  await shows("mqtt", mqttBroker, "news grüß Gott", "connected again", "false");
  await shows("trpc", trpcServer, "grüß Gott", "1 2 3", "INTERNAL_SERVER_ERROR", "grüß again 2");
  await shows("yjs", yjsServer, "grüß Gott", "offline: grüß Gott");
  await shows(
    "socket_io",
    socketIoServer,
    "grüß Gott 202 254",
    "transport error",
    "again",
    "io client disconnect",
  );
  await shows("partysocket", scripted, "kept chat", "202 254", "close", "again", "3001 bye true 3");
});
