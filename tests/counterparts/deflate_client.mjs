// A client on `ws` with permessage-deflate: deflate_client.mjs (URL OPTIONS)...
//
// The options are those of permessage-deflate, as JSON. Prints what was agreed on with each URL,
// the bytes of all messages, and those read and written. What it gets back has to be what it has
// sent: text in one frame, binary messages in three.

import assert from "node:assert";
import { once } from "node:events";
import { createRequire } from "node:module";

const require = createRequire(`${process.env.QWEBSOCKET_COUNTERPARTS}/npm/`);
const WebSocket = require("ws");

const text = "Der schnelle braune Fuchs springt über den faulen Hund. ".repeat(200);
// What it repeats is further away than small windows reach.
let state = 1;
const random = () => (state = (Math.imul(state, 1103515245) + 12345) >>> 0) >>> 16;
const block = Buffer.from(Array.from({ length: 6000 }, random));
const messages = ["", Buffer.alloc(0), "short", text, text, Buffer.from(text)];
messages.push(Buffer.concat(Array(8).fill(block)), Buffer.alloc(1 << 18));

function send(socket, message) {
  if (typeof message === "string") {
    return socket.send(message);
  }
  const third = Math.floor(message.length / 3);
  socket.send(message.subarray(0, third), { fin: false });
  socket.send(message.subarray(third, 2 * third), { fin: false });
  socket.send(message.subarray(2 * third), { fin: true });
}

const pairs = process.argv.slice(2);
while (pairs.length > 0) {
  const [url, options] = pairs.splice(0, 2);
  const socket = new WebSocket(url, { perMessageDeflate: JSON.parse(options) });
  const [[response]] = await Promise.all([once(socket, "upgrade"), once(socket, "open")]);
  const { socket: tcp, headers } = response;
  let plain = 0;
  for (const message of messages) {
    send(socket, message);
    const [answer, isBinary] = await once(socket, "message");
    assert.strictEqual(isBinary, typeof message !== "string");
    assert(Buffer.from(message).equals(answer), "the echo differs");
    plain += answer.length;
  }
  socket.close(1000);
  await once(socket, "close");
  const agreed = headers["sec-websocket-extensions"];
  console.log([agreed, plain, tcp.bytesRead, tcp.bytesWritten].join("|"));
}
