// The dialect is what a class is, not where it stands.

import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";

import { connected, entry, FakeSocket, task } from "../lib/package.mjs";

const { WebSocketServer, WebSocket: Peer } = createRequire(import.meta.url)("ws");

let server, url;
const heard = [];
before(async () => {
  server = new WebSocketServer({ port: 0, host: "127.0.0.1", handleProtocols: ([first]) => first });
  await new Promise((resolve) => server.once("listening", resolve));
  url = `ws://127.0.0.1:${server.address().port}/`;
  server.on("connection", (peer) => peer.on("message", (data) => heard.push(`${data}`)));
});
after(() => {
  server.clients.forEach((client) => client.terminate());
  server.close();
});

/** As jsdom and happy-dom: strict about the second argument. */
class Strict {
  constructor(url, protocols = []) {
    if (typeof protocols != "string" && !Array.isArray(protocols)) {
      throw new DOMException(`The subprotocol '${protocols}' is invalid.`, "SyntaxError");
    }
    return new Peer(url, protocols);
  }
}
/** As msw: an object is no list of protocols. */
class Lax {
  constructor(url, protocols = []) {
    return new Peer(url, Array.isArray(protocols) ? protocols : []);
  }
}
/** As React Native: without `bufferedAmount`. */
class Uncounted {
  constructor(url, protocols) {
    const socket = new Peer(url, protocols);
    Object.defineProperty(socket, "bufferedAmount", { value: undefined });
    return socket;
  }
}
/** As faye: it hands out buffers, whatever `binaryType` says. */
class Buffers {
  constructor(url, protocols) {
    const socket = new Peer(url, protocols);
    Object.defineProperty(socket, "binaryType", { value: "nodebuffer" });
    return socket;
  }
}

// First, since an instance that is there needs no other.
test("a host without WebAssembly is told, by the promise and by the event", async () => {
  const { QWebSocket, reconnecting } = await entry("reconnecting");
  const { Instance } = WebAssembly;
  const { Module } = WebAssembly;
  WebAssembly.Instance = class {
    constructor() {
      throw new WebAssembly.CompileError("a policy");
    }
  };
  WebAssembly.Module = WebAssembly.Instance;
  try {
    const socket = new QWebSocket({ webSocket: FakeSocket });
    let told;
    socket.onerrorOccurred = ({ error }) => (told = error);
    const error = await socket.open("ws://fake/").catch((error) => error);
    assert.equal(error.kind, "Unsupported");
    assert(error.cause instanceof WebAssembly.CompileError);
    assert.equal(told, error);
    assert.throws(() => reconnecting("ws://fake/", { webSocket: FakeSocket }), {
      kind: "Unsupported",
    });
  } finally {
    Object.assign(WebAssembly, { Instance, Module });
  }
});

for (const Class of [Strict, Lax, Uncounted, Buffers, Peer]) {
  for (const where of ["as the global", "as an option"]) {
    test(`${Class.name}, ${where}`, async () => {
      const { QWebSocket } = await entry("index");
      const global = globalThis.WebSocket;
      if (where === "as the global") {
        globalThis.WebSocket = Class;
      }
      try {
        const socket = new QWebSocket(where === "as an option" ? { webSocket: Class } : {});
        await socket.open(url, { subprotocols: ["chat"] });
        assert.equal(socket.subprotocol, "chat");
        assert.equal(socket.sendTextMessage("grüß"), 6);
        await socket.drained();
        assert.equal(socket.bytesToWrite, 0);
        assert.equal(socket.supports("PING"), Class === Peer);
        socket.abort();
      } finally {
        globalThis.WebSocket = global;
      }
    });
  }
}

test("what arrives is text or an ArrayBuffer, in its order", async () => {
  const [socket, fake] = await connected(await entry("index"));
  await task();
  const messages = socket.messages();
  fake.receives(new Blob(["blob"]));
  fake.receives("text");
  fake.receives(Buffer.from("buffer"));
  fake.receives(new Uint8Array([1, 2, 3]).subarray(1));
  fake.ends(1000, true);
  const got = [];
  for await (const message of messages) {
    got.push(typeof message == "string" ? message : Buffer.from(message).toString("latin1"));
    assert(typeof message == "string" || message instanceof ArrayBuffer);
  }
  assert.deepEqual(got, ["blob", "text", "buffer", "\x02\x03"]);
});

test("a class that is not the platform's gets a copy of binary data", async () => {
  const [socket, fake] = await connected(await entry("index"));
  const data = Uint8Array.of(1, 2, 3);
  socket.sendBinaryMessage(data);
  data.fill(0);
  assert.deepEqual([...new Uint8Array(fake.sent[0])], [1, 2, 3]);
  socket.abort();
});

test("a class that calls back at once, throws, or has a closing mind of its own", async () => {
  const { QWebSocket } = await entry("index");
  class Hasty extends FakeSocket {
    addEventListener(type, listener) {
      super.addEventListener(type, listener);
      if (type === "close") {
        this.opens();
        this.receives("at once");
      }
    }
    close(...all) {
      super.close(...all);
      this.ends(1000, true);
    }
  }
  const socket = new QWebSocket({ webSocket: Hasty });
  await socket.open("ws://fake/");
  assert.equal((await socket.messages().next()).value, "at once");
  socket.close();
  assert.equal(socket.state, "unconnected");

  const throwing = new QWebSocket({
    webSocket: class {
      constructor() {
        throw undefined;
      }
    },
  });
  await assert.rejects(throwing.open("ws://fake/"), { kind: "Connection" });
});

test("80,000 messages that wait are taken in linear time", async () => {
  const [socket, fake] = await connected(await entry("index"));
  await task();
  const messages = socket.messages();
  const times = [];
  for (const count of [20_000, 80_000]) {
    for (let number = 0; number < count; number++) {
      fake.receives(`${number}`);
    }
    const begin = performance.now();
    for (let number = 0; number < count; number++) {
      await messages.next();
    }
    times.push(performance.now() - begin);
  }
  // Four times as many took twenty times as long.
  assert(times[1] < 10 * times[0] + 100, `${times}`);
  socket.abort();
});

test("the first versions of `ws` cannot stop reading, which is said", async () => {
  const { QWebSocket } = await entry("index");
  class First extends Peer {}
  First.prototype.pause = First.prototype.resume = undefined;
  const socket = new QWebSocket({ webSocket: First });
  assert.deepEqual([socket.supports("PING"), socket.supports("READ_BUFFER")], [true, false]);
  const options = { webSocket: First, readBufferSize: 1 };
  assert.throws(() => new QWebSocket(options), { feature: "READ_BUFFER" });
  assert.ok(new QWebSocket({ webSocket: Peer, readBufferSize: 1 }));
});

test("`ws` does not even read what is over the limit", async () => {
  const { QWebSocket } = await entry("index");
  const big = new WebSocketServer({ port: 0, host: "127.0.0.1", perMessageDeflate: true });
  await new Promise((resolve) => big.once("listening", resolve));
  let closed;
  big.on("connection", (peer) => {
    peer.send(Buffer.alloc(50_000_000));
    peer.on("close", (code) => (closed = code));
  });
  const socket = new QWebSocket({ webSocket: Peer, maxAllowedIncomingMessageSize: 1000 });
  await socket.open(`ws://127.0.0.1:${big.address().port}/`);
  await new Promise((resolve) => (socket.ondisconnected = resolve));
  assert.deepEqual([socket.error.kind, socket.closeCode], ["TooLarge", 4009]);
  await task();
  assert.equal(closed, 1009);
  big.close();
});

test("undici's class, whatever dispatcher the program has set", async () => {
  const { QWebSocket } = await entry("index");
  const undici = createRequire(import.meta.url)("undici");
  const dispatcher = undici.getGlobalDispatcher();
  const socket = new QWebSocket({ webSocket: undici.WebSocket, openTimeout: 2000 });
  assert(socket.supports("TLS_CONFIG"));
  const outcome = (options) => socket.open("wss://127.0.0.1:9/", options).catch((error) => error);
  try {
    undici.setGlobalDispatcher(new undici.Agent());
    assert.equal((await outcome({ tls: { rejectUnauthorized: false } })).kind, "Connection");
    undici.setGlobalDispatcher(new undici.ProxyAgent("http://127.0.0.1:9"));
    const refused = await outcome({ tls: { rejectUnauthorized: false } });
    assert.equal(refused.kind, "Unsupported");
    assert.match(refused.message, /ProxyAgent/);
    // It is the proxy that is asked then, as the program wants it.
    assert.equal((await outcome()).kind, "Connection");
  } finally {
    undici.setGlobalDispatcher(dispatcher);
  }
});

test("undici's class ends its connection, and its agent", async () => {
  const { QWebSocket } = await entry("index");
  const undici = createRequire(import.meta.url)("undici");
  const socket = new QWebSocket({ webSocket: undici.WebSocket });
  const ended = new Promise((resolve) =>
    server.once("connection", (peer) => peer.once("close", resolve)),
  );
  await socket.open(url);
  socket.abort();
  assert.equal(await ended, 1006);
});
