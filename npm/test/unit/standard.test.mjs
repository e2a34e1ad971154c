// The class of the platform's shape, beside a class of the platform: both do what the standard says.

import assert from "node:assert/strict";
import { once } from "node:events";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";

import { entry } from "../lib/package.mjs";

const { webSocket } = await entry("websocket");
const require = createRequire(import.meta.url);
const { WebSocketServer } = require("ws");
const { WebSocket: Platform } = require("undici");

const CLASSES = { ours: webSocket({ webSocket: Platform }), "the platform's": Platform };

let server, url;
before(async () => {
  const handleProtocols = (names) => [...names][0];
  const verifyClient = ({ req }) => !req.url.startsWith("/refuse");
  server = new WebSocketServer({ port: 0, host: "127.0.0.1", handleProtocols, verifyClient });
  await once(server, "listening");
  url = `ws://127.0.0.1:${server.address().port}/`;
  server.on("connection", (peer) => {
    peer.on("error", () => {});
    peer.on("message", (data, binary) => {
      const [word, code, reason] = binary ? [] : `${data}`.split(" ");
      if (word === "close") {
        peer.close(Number(code), reason);
      } else if (word === "drop") {
        peer.terminate();
      } else {
        peer.send(data, { binary });
      }
    });
  });
});
after(() => {
  server.clients.forEach((peer) => peer.terminate());
  server.close();
});

/** The events of a socket in words, and a promise of all of them at its end. */
function story(socket) {
  const words = [];
  const tell = (word) => words.push(`${word} ${socket.readyState}`);
  for (const type of ["open", "error"]) {
    socket.addEventListener(type, () => tell(type));
  }
  socket.addEventListener("message", ({ data }) => tell(`message ${data}`));
  const end = new Promise((resolve) =>
    socket.addEventListener("close", ({ code, reason, wasClean }) => {
      tell(`close ${code} ${reason} ${wasClean}`);
      resolve(words);
    }),
  );
  return { words, end };
}

async function opened(Class, ...more) {
  const socket = new Class(url, ...more);
  await new Promise((resolve) => socket.addEventListener("open", resolve, { once: true }));
  return socket;
}

/** What the standard says, of both classes. */
function both(name, body) {
  for (const [whose, Class] of Object.entries(CLASSES)) {
    test(`${name}: ${whose}`, () => body(Class));
  }
}

/** What browsers do, and this class of the platform does not. */
function ours(name, body) {
  test(name, () => body(CLASSES.ours));
}

both("constants and its name", (Class) => {
  const values = { CONNECTING: 0, OPEN: 1, CLOSING: 2, CLOSED: 3 };
  for (const [name, value] of Object.entries(values)) {
    assert.deepEqual([Class[name], Class.prototype[name]], [value, value]);
  }
  assert.equal(Class.name, "WebSocket");
});

both("URLs and subprotocols that are none", (Class) => {
  const wrong = [["not a url"], ["ftp://fake/"], ["ws://fake/#there"], ["/relative"]];
  for (const protocols of ["", "not a token", ["chat", "chat"], ["a,b"]]) {
    wrong.push([url, protocols]);
  }
  for (const all of wrong) {
    assert.throws(() => new Class(...all), { name: "SyntaxError" }, all.join(" "));
  }
});

both("http and https are ws and wss", (Class) => {
  for (const [given, meant] of [
    ["http://127.0.0.1:9/a?b", "ws://127.0.0.1:9/a?b"],
    [new URL("https://127.0.0.1:9/"), "wss://127.0.0.1:9/"],
  ]) {
    const socket = new Class(given);
    assert.deepEqual([socket.url, socket.readyState], [meant, 0]);
    socket.close();
  }
});

both("messages, from its opening to its close", async (Class) => {
  const socket = new Class(url, ["chat", "other"]);
  const { end } = story(socket);
  socket.binaryType = "arraybuffer";
  socket.onopen = ({ target }) => {
    assert.equal(target, socket);
    assert.equal(socket.protocol, "chat");
    socket.send("grüß");
    socket.send(Uint8Array.of(1).buffer);
    socket.send(new Blob(["blob"]));
    socket.send(12);
    socket.send({});
  };
  let arrived = 0;
  socket.onmessage = ({ origin, data }) => {
    assert.equal(`${origin}/`, url);
    assert.equal(typeof data === "string" || data instanceof ArrayBuffer, true);
    if (++arrived === 5) {
      socket.close(3001, "bye");
      assert.equal(socket.readyState, 2);
    }
  };
  assert.deepEqual(await end, [
    "open 1",
    "message grüß 1",
    "message [object ArrayBuffer] 1",
    "message [object ArrayBuffer] 1",
    "message 12 1",
    "message [object Object] 1",
    "close 3001 bye true 3",
  ]);
});

both("binary data as blobs, unless something else is said", async (Class) => {
  const socket = await opened(Class);
  assert.equal(socket.binaryType, "blob");
  const message = new Promise((resolve) => (socket.onmessage = resolve));
  socket.send(new TextEncoder().encode("€"));
  const { data } = await message;
  assert.equal(await data.text(), "€");
  socket.close();
});

ours("sent before it is open, and when it is closed", async (Class) => {
  const socket = new Class(url);
  assert.throws(() => socket.send("early"), { name: "InvalidStateError" });
  const { end } = story(socket);
  socket.onopen = () => socket.close();
  await end;
  const before = socket.bufferedAmount;
  socket.send("€");
  assert.equal(socket.bufferedAmount, before + 3);
  socket.close();
});

both("codes and reasons that must not be sent", async (Class) => {
  const socket = await opened(Class);
  for (const code of [0, 999, 1001, 1005, 2999, 5000, 65_536, "x"]) {
    assert.throws(() => socket.close(code), { name: "InvalidAccessError" }, `${code}`);
  }
  assert.throws(() => socket.close(3000, "x".repeat(124)), { name: "SyntaxError" });
  assert.equal(socket.readyState, 1);
  socket.close(3000, "x".repeat(123));
});

ours("closed while it connects", async (Class) => {
  const socket = new Class(url);
  const { words, end } = story(socket);
  socket.close();
  assert.deepEqual([words, socket.readyState], [[], 2]);
  assert.deepEqual(await end, ["error 3", "close 1006  false 3"]);
});

both("closed by the server", async (Class) => {
  const socket = await opened(Class);
  const { end } = story(socket);
  socket.send("close 4001 why");
  assert.deepEqual(await end, ["close 4001 why true 3"]);
});

both("refused", async (Class) => {
  assert.deepEqual(await story(new Class(`${url}refuse`)).end, ["error 3", "close 1006  false 3"]);
});

ours("lost", async (Class) => {
  const socket = await opened(Class);
  const { end } = story(socket);
  socket.send("drop");
  assert.deepEqual(await end, ["error 3", "close 1006  false 3"]);
});

ours("handlers", async (Class) => {
  const socket = new Class(url);
  const called = [];
  assert.equal(socket.onopen, null);
  socket.onopen = () => called.push("replaced");
  socket.addEventListener("open", () => called.push("listener"));
  const handler = function () {
    called.push(this === socket);
  };
  socket.onopen = handler;
  assert.equal(socket.onopen, handler);
  socket.onmessage = "no function";
  assert.equal(socket.onmessage, null);
  const { end } = story(socket);
  socket.addEventListener("open", () => socket.close());
  await end;
  assert.deepEqual(called, [true, "listener"]);
});

test("what the platform's class cannot do: bounds", async () => {
  const Class = webSocket({ webSocket: Platform, maxAllowedIncomingMessageSize: 10 });
  const socket = await opened(Class);
  const { end } = story(socket);
  socket.send("more than ten bytes");
  assert.deepEqual(await end, ["error 3", "close 4009 message over the limit true 3"]);
});

test("options that are none are refused before there is a socket", () => {
  for (const options of [{ subprotocols: [] }, { openTimeout: -1 }, { attempts: 1 }]) {
    assert.throws(() => webSocket(options));
  }
  assert.throws(() => webSocket({ reconnecting: true, attempts: 0 }), { kind: "InvalidInput" });
});
