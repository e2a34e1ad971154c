const { QWebSocket } = require("qwebsocket");
const { QWebSocket: same, reconnecting } = require("qwebsocket/reconnecting");
const { MemoryServer } = require("qwebsocket/testing");
const { converse } = require("./converse.cjs");
const { PASSED, passesByFakeTimers } = require("./fake_timers.cjs");

const { ECHO, HANDS_IN } = process.env;

test("converses", async () => {
  const options = HANDS_IN ? { webSocket: require("ws").WebSocket } : {};
  expect(await converse(QWebSocket, ECHO, options)).toBe("echoed");
});

test("there is one class", () => {
  expect(same).toBe(QWebSocket);
});

test("time passes when the test says so", async () => {
  // What is no time has to run by itself.
  jest.useFakeTimers({ doNotFake: ["queueMicrotask"] });
  const pass = (time) => jest.advanceTimersByTimeAsync(time);
  try {
    expect(await passesByFakeTimers(reconnecting, MemoryServer, pass)).toEqual(PASSED);
  } finally {
    jest.useRealTimers();
  }
});
