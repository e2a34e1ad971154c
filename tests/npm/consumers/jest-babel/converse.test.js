import { QWebSocket } from "qwebsocket";
import { converse } from "./converse.mjs";

test("converses", async () => {
  expect(await converse(QWebSocket, process.env.ECHO)).toBe("echoed");
});
