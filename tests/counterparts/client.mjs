// A client on `ws`: client.mjs URL converse|stay|leave [root [certificate key]]
//
// Prints what it sees. What it gets back has to be what it has sent.

import assert from "node:assert";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const require = createRequire(`${process.env.QWEBSOCKET_COUNTERPARTS}/npm/`);
const WebSocket = require("ws");

const [url, mode, ...files] = process.argv.slice(2);
const [ca, cert, key] = files.map((file) => readFileSync(file));
const socket = new WebSocket(url, ["chat.v1", "chat.v2"], {
  ca,
  cert,
  key,
  headers: { "X-Test": "one, two" },
  origin: "http://page.example",
});
socket.on("ping", (data) => console.log("ping", data.toString()));
socket.on("close", (code, reason) => console.log("closed", code, reason.toString()));
await once(socket, "open");
console.log("subprotocol", socket.protocol);

async function echo(data, fragments = [data]) {
  fragments.forEach((fragment, index) => {
    socket.send(fragment, { fin: index + 1 === fragments.length, binary: typeof data !== "string" });
  });
  const [answer, isBinary] = await once(socket, "message");
  assert.strictEqual(isBinary, typeof data !== "string");
  assert(Buffer.from(data).equals(answer), "the echo differs");
}

async function converse() {
  await echo("grüß Gott €😀");
  await echo(Buffer.from([0xca, 0xfe]));
  await echo("");
  await echo(Buffer.alloc(0));
  await echo("é".repeat(1 << 19));
  await echo(Buffer.alloc(1 << 20, 7));
  const text = Buffer.from("grüß Gott");
  await echo("grüß Gott", [text.subarray(0, 3), text.subarray(3, 3), text.subarray(3)]);
  await echo(Buffer.alloc(300, 1), [Buffer.alloc(100, 1), Buffer.alloc(200, 1)]);
  console.log("echoed");
  socket.ping("are you there?");
  const [answer] = await once(socket, "pong");
  console.log("pong", answer.toString());
  socket.close(4001, "tschüß");
}

const modes = { converse, stay: () => socket.send(mode), leave: () => socket.terminate() };
await modes[mode]();
