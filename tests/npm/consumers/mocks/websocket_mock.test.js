import { QWebSocket } from "qwebsocket";
import { expect, test } from "vitest";
import WS from "vitest-websocket-mock";
import { converse } from "./converse.mjs";

// It puts a class in the place of the platform's.
test("vitest-websocket-mock", async () => {
  const url = "ws://websocket-mock.test/";
  const server = new WS(url);
  server.on("connection", (socket) => socket.on("message", (data) => socket.send(data)));
  expect(await converse(QWebSocket, url)).toBe("echoed");
  await server.closed;
  expect(server).toHaveReceivedMessages(["grüß Gott €😀"]);
});
