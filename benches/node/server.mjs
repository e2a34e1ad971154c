// Serves with the npm package `ws`: `node server.mjs serve-echo MODULES`, where MODULES holds it. Tells
// the port first.

import { createRequire } from "node:module";
import path from "node:path";

const [service, modules] = process.argv.slice(2);
if (service !== "serve-echo") {
  throw new Error(`there is no ${service} here`);
}
const { WebSocketServer } = createRequire(path.join(modules, "../"))("ws");

const server = new WebSocketServer({ host: "127.0.0.1", port: 0 }, () => {
  console.log(server.address().port);
});
server.on("connection", (socket) => {
  socket.on("error", () => {});
  socket.on("message", (data, isBinary) => socket.send(data, { binary: isBinary }));
});
