import { Server, WebSocket } from "mock-socket";
import { QWebSocket } from "qwebsocket";
import { expect, test } from "vitest";
import { converse } from "./converse.mjs";

test("mock-socket", async () => {
  const url = "ws://mock-socket.test/";
  const server = new Server(url);
  server.on("connection", (socket) => socket.on("message", (data) => socket.send(data)));
  expect(await converse(QWebSocket, url, { webSocket: WebSocket })).toBe("echoed");
  server.stop();
});
