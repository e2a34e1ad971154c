import { expect, test } from "vitest";

import { QWebSocket } from "qwebsocket";
import { WebSocket } from "ws";
import { converse } from "./converse.mjs";

const { ECHO, HANDS_IN } = process.env;

test("converses", async () => {
  const options = HANDS_IN ? { webSocket: WebSocket } : {};
  expect(await converse(QWebSocket, ECHO, options)).toBe("echoed");
});
