// A server on `ws`: server.mjs [certificate key [TLS version]]
//
// Prints its port, then what it sees of each connection. What it does depends on the path.

import { readFileSync } from "node:fs";
import http from "node:http";
import https from "node:https";
import { createRequire } from "node:module";

const require = createRequire(`${process.env.QWEBSOCKET_COUNTERPARTS}/npm/`);
const { WebSocketServer } = require("ws");

const [certificate, key, version] = process.argv.slice(2);
const server = certificate ? https.createServer(tls()) : http.createServer();
server.on("request", (request) => console.log("request", request.url));
server.on("secureConnection", (socket) => {
  console.log("secure", socket.getProtocol(), socket.servername || "-");
});
server.on("tlsClientError", (error) => console.log("tls", error.code ?? error.message));

const choose = (offered) => ["chat.v2", "chat.v1"].find((name) => offered.has(name)) ?? false;
const sockets = new WebSocketServer({ server, handleProtocols: choose });
sockets.on("connection", (socket, request) => {
  const { "x-test": test = "-", origin = "-" } = request.headers;
  console.log("request", request.url, test, origin);
  socket.on("message", (data, isBinary) => socket.send(data, { binary: isBinary }));
  socket.on("ping", (data) => console.log("ping", data.toString()));
  socket.on("pong", (data) => console.log("pong", data.toString()));
  socket.on("close", (code, reason) => console.log("closed", code, reason.toString()));
  const act = actions[new URL(request.url, "ws://localhost").pathname];
  act?.(socket);
});

const actions = {
  "/fragments": (socket) => {
    // The second frame begins inside the character ü.
    for (const binary of [false, true]) {
      const [first, second, third] = [Buffer.from("67c3", "hex"), Buffer.from("bcc39f", "hex"), "!"];
      socket.send(first, { binary, fin: false });
      socket.send(second, { binary, fin: false });
      socket.send(third, { binary, fin: true });
    }
  },
  "/ping": (socket) => socket.ping("are you there?"),
  "/close": (socket) => socket.close(4001, "tschüß"),
  "/abrupt": (socket) => socket.terminate(),
};

function tls() {
  const versions = version && { minVersion: version, maxVersion: version };
  // Old versions need ciphers that OpenSSL keeps for its lowest level.
  const ciphers = version && "DEFAULT@SECLEVEL=0";
  return { cert: readFileSync(certificate), key: readFileSync(key), ...versions, ciphers };
}

server.listen(0, "127.0.0.1", () => console.log(server.address().port));
process.stdin.resume().on("end", () => process.exit());
