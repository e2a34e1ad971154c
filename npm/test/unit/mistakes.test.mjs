// What those write who know the platform's class: it is refused, and told what to write.

import assert from "node:assert/strict";
import { test } from "node:test";

import { entry, FakeSocket } from "../lib/package.mjs";

const { QWebSocket } = await entry("index");
const { reconnecting } = await entry("reconnecting");
const webSocket = FakeSocket;

test("a URL for the constructor", () => {
  for (const url of ["wss://example.com/", new URL("wss://example.com/")]) {
    assert.throws(() => new QWebSocket(url), { name: "TypeError", message: /open\(url\)/ });
  }
});

test("an option that there is not", () => {
  const message = "unknown option: protocols";
  assert.throws(() => new QWebSocket({ protocols: [] }), { name: "TypeError", message });
  const target = "ws://fake/";
  assert.throws(() => reconnecting(target, { webSocket, protocols: [] }), {
    name: "TypeError",
    message,
  });
});

const HANDLERS = {
  onopen: "onconnected",
  onmessage: "ontextMessageReceived and onbinaryMessageReceived",
  onclose: "ondisconnected",
  onerror: "onerrorOccurred",
};

for (const [name, instead] of Object.entries(HANDLERS)) {
  test(`${name} of the platform's class`, () => {
    const expected = { name: "TypeError", message: `there is no ${name}: use ${instead}` };
    const again = reconnecting("ws://fake/", { webSocket });
    for (const socket of [new QWebSocket({ webSocket }), again]) {
      assert.throws(() => (socket[name] = () => {}), expected);
      assert.equal(socket[name], undefined);
      // These are there.
      for (const name of instead.split(" and ")) {
        assert.equal(socket[name], null);
      }
    }
    again.abort();
  });
}
