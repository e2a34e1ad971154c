const { QWebSocket } = require("qwebsocket");
const { QWebSocket: same } = require("qwebsocket/reconnecting");
const { converse } = require("./converse.cjs");

const { ECHO, HANDS_IN } = process.env;

test("converses", async () => {
  const options = HANDS_IN ? { webSocket: require("ws").WebSocket } : {};
  expect(await converse(QWebSocket, ECHO, options)).toBe("echoed");
});

test("there is one class", () => {
  expect(same).toBe(QWebSocket);
});
