// Root certificates of one's own, where the runtime takes them.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import tls from "node:tls";
import { after, before, test } from "node:test";

import { scratch } from "./lib/project.mjs";
import { bun, deno, newerNode, node, require, run } from "./lib/tools.mjs";

const { WebSocketServer } = require("ws");

let dir, server, url;
before(async () => {
  dir = await scratch("tls");
  certify();
  const http = createServer();
  const read = (name) => readFileSync(`${dir}/${name}`);
  new WebSocketServer({ server: http });
  // Without a protocol negotiation, which not every client takes part in.
  server = tls.createServer({ key: read("own.key"), cert: read("own.pem") }, (tcp) => {
    http.emit("connection", tcp);
  });
  server.on("tlsClientError", () => {});
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  url = `wss://localhost:${server.address().port}/`;
});
after(() => server?.close());

const DENO = [deno, "run", "--allow-net=127.0.0.1,localhost", "--allow-read", "--no-prompt"];

for (const [name, [program, ...flags], ...last] of [
  ["Node, with the class of ws", [node], "ws"],
  ["newer Node", [newerNode]],
  ["Deno", DENO],
  ["Bun", [bun]],
]) {
  test(name, async () => {
    const output = await run(program, [...flags, "tls.mjs", url, "root.pem", ...last], { cwd: dir });
    assert.equal(output.trim(), "trusted Connection");
  });
}

/** A root and a certificate that it vouches for. */
function certify() {
  const openssl = (line) => execFileSync("openssl", line.split(" "), { cwd: dir, stdio: "pipe" });
  const fresh = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2";
  openssl(`req -x509 ${fresh} -keyout root.key -out root.pem -subj /CN=root`);
  const constraints = "-addext subjectAltName=DNS:localhost -addext basicConstraints=CA:FALSE";
  const by = "-CA root.pem -CAkey root.key";
  openssl(`req -x509 ${fresh} ${by} -keyout own.key -out own.pem -subj /CN=localhost ${constraints}`);
}
