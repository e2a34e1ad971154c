// A server on `ws` with permessage-deflate: deflate_server.mjs
//
// Prints its port, then the bytes that it read and wrote on each connection. The query is the
// options of permessage-deflate as JSON. Echoes text in one frame, binary messages in three.

import http from "node:http";
import { createRequire } from "node:module";

const require = createRequire(`${process.env.QWEBSOCKET_COUNTERPARTS}/npm/`);
const { WebSocketServer } = require("ws");

const server = http.createServer();
server.on("upgrade", (request, tcp, head) => {
  const query = new URL(request.url, "ws://localhost").search.slice(1);
  const perMessageDeflate = JSON.parse(decodeURIComponent(query));
  const sockets = new WebSocketServer({ noServer: true, perMessageDeflate });
  sockets.handleUpgrade(request, tcp, head, (socket) => {
    socket.on("message", (data, binary) => echo(socket, data, binary));
    socket.on("close", () => console.log(tcp.bytesRead, tcp.bytesWritten));
  });
});

function echo(socket, data, binary) {
  if (!binary) {
    return socket.send(data, { binary });
  }
  const third = Math.floor(data.length / 3);
  socket.send(data.subarray(0, third), { binary, fin: false });
  socket.send(data.subarray(third, 2 * third), { binary, fin: false });
  socket.send(data.subarray(2 * third), { binary, fin: true });
}

server.listen(0, "127.0.0.1", () => console.log(server.address().port));
process.stdin.resume().on("end", () => process.exit());
