// What odd values become: converted as WebIDL does, or refused before anything has changed.

import { failure, next, reported, same, sleep, told, until } from "../tools.mjs";

const SOON = { firstDelay: 5, maximumDelay: 20 };

async function echoing({ QWebSocket, url, options }) {
  const socket = new QWebSocket(options);
  await socket.open(`${url}/echo`);
  return socket;
}

/** Memory that was given away. */
function detached() {
  const bytes = new Uint8Array(4);
  structuredClone(bytes, { transfer: [bytes.buffer] });
  return bytes;
}

export async function texts_are_what_String_makes_of_them(context) {
  const socket = await echoing(context);
  const messages = socket.messages();
  for (const value of [42, 10n, true, null, undefined, { toString: () => "own" }, ["a", 1]]) {
    socket.sendTextMessage(value);
    same((await messages.next()).value, String(value));
  }
  const throwing = {
    toString() {
      throw new RangeError("its own");
    },
  };
  same((await failure(() => socket.sendTextMessage(Symbol("s")))).name, "TypeError");
  same((await failure(() => socket.sendTextMessage(throwing))).message, "its own");
  same((await failure(() => socket.sendTextMessage(Object.create(null)))).name, "TypeError");
  socket.sendTextMessage("still here");
  same((await messages.next()).value, "still here");
  socket.abort();
}

export async function what_is_no_binary_data_is_refused(context) {
  const socket = await echoing(context);
  const messages = socket.messages();
  const odd = [{ byteLength: -5 }, { byteLength: 3 }, { size: 1 }, Symbol("s"), detached(), detached().buffer, () => 1];
  for (const value of odd) {
    same((await failure(() => socket.sendBinaryMessage(value))).name, "TypeError");
  }
  const resizable = new ArrayBuffer(3, { maxByteLength: 9 });
  new Uint8Array(resizable).set([1, 2, 3]);
  for (const value of [resizable, new Uint8Array(resizable)]) {
    same(socket.sendBinaryMessage(value), 3);
    same([...new Uint8Array((await messages.next()).value)], [1, 2, 3]);
  }
  socket.abort();
}

export async function close_codes_do_not_wrap(context) {
  const socket = await echoing(context);
  for (const code of [69_536, -61_536, 2 ** 32 + 1000, NaN, "x", Infinity, -Infinity, {}, 1e308]) {
    same((await failure(() => socket.close(code))).kind, "InvalidInput");
  }
  for (const code of [Symbol("s"), 1000n]) {
    same((await failure(() => socket.close(code))).name, "TypeError");
  }
  same(socket.state, "connected");
  socket.close("3000", new Error("why"));
  await next(socket, "disconnected");
  same([socket.closeCode, socket.closeReason], [3000, "Error: why"]);
}

export async function reasons_of_every_shape(context) {
  for (const [reason, shown] of [
    [{ length: 2 ** 31 }, "[object Object]"],
    [12n, "12"],
    ["😀".repeat(1_000_000), "😀".repeat(30)],
    [undefined, ""],
  ]) {
    const socket = await echoing(context);
    socket.close(1000, reason);
    await next(socket, "disconnected");
    same(socket.closeReason, shown);
  }
}

export async function pings_are_looked_at_before_they_are_copied(context) {
  const socket = await echoing(context);
  const huge = new Uint8Array(new ArrayBuffer(0, { maxByteLength: 2 ** 30 }).resize?.(2 ** 30) ?? 2 ** 20);
  same((await failure(() => socket.ping(huge))).kind, "InvalidInput");
  same((await failure(() => socket.ping(detached()))).name, "TypeError");
  same((await failure(() => socket.ping(Symbol("s")))).name, "TypeError");
  same(socket.state, "connected");
  socket.abort();
}

export async function open_never_throws({ QWebSocket, url, options }) {
  const socket = new QWebSocket(options);
  for (const [address, request, name] of [
    [Symbol("s"), {}, "TypeError"],
    [`${url}/echo`, 1, "TypeError"],
    [`${url}/echo`, { headers: 1 }, "TypeError"],
    [`${url}/echo`, { headers: [["a"]] }, "TypeError"],
    [`${url}/echo`, { headers: [["a", "b", "c"]] }, "TypeError"],
    [`${url}/echo`, { subprotocols: 1 }, "TypeError"],
    [`${url}/echo`, { subprotocols: [Symbol("s")] }, "TypeError"],
    [`${url}/echo`, { signal: {} }, "TypeError"],
    [`${url}/echo`, { tls: "x" }, "TypeError"],
    [`${url}/echo`, { protocols: ["a"] }, "TypeError"],
    [null, {}, "QWebSocketError"],
    [undefined, {}, "QWebSocketError"],
  ]) {
    const opening = socket.open(address, request);
    same([name, (await failure(() => opening)).name], [name, name]);
    same(socket.state, "unconnected");
  }
  await socket.open(new URL(`${url}/echo`), null);
  socket.abort();
}

export async function headers_of_every_shape(context) {
  const { QWebSocket, url, options } = context;
  const socket = new QWebSocket(options);
  const pairs = [["X-Token", "1"]];
  for (const headers of [new Headers(pairs), new Map(pairs), pairs, { "X-Token": 1 }, Object.create({}, {})]) {
    const isEmpty = headers.constructor === Object && !Object.keys(headers).length;
    if (!socket.supports("HEADERS") && !isEmpty) {
      same((await failure(() => socket.open(`${url}/headers`, { headers }))).feature, "HEADERS");
      continue;
    }
    const messages = socket.messages();
    await socket.open(`${url}/headers`, { headers });
    same(JSON.parse((await messages.next()).value)["x-token"], isEmpty ? undefined : "1");
    socket.abort();
    await messages.return();
  }
}

export async function unknown_options_are_refused({ QWebSocket, reconnecting, url, options }) {
  for (const odd of [{ openTimeOut: 1 }, { webSockets: 1 }, { keepAlive: { interval: 1, probe: "", isAnswer() {}, x: 1 } }]) {
    same((await failure(() => new QWebSocket({ ...options, ...odd }))).name, "TypeError");
    same((await failure(() => reconnecting(url, { ...options, ...odd }))).name, "TypeError");
  }
  for (const odd of [1, "x", true]) {
    same((await failure(() => new QWebSocket(odd))).name, "TypeError");
  }
  for (const odd of [{ openTimeout: 1n }, { webSocket: {} }, { keepAlive: { interval: 1 } }]) {
    same((await failure(() => new QWebSocket({ ...options, ...odd }))).name, "TypeError");
  }
  for (const odd of [{ firstDelay: 1n }, { decide: 1 }, { greeting: "x" }, { whenFull: "x" }, { signal: 1 }]) {
    same((await failure(() => reconnecting(url, { ...options, ...odd }))).name, "TypeError");
  }
  same(new QWebSocket({ ...options, openTimeout: "100", readBufferSize: undefined }).state, "unconnected");
}

export async function what_cannot_be_sent_is_refused_once_and_blocks_nothing(context) {
  const { reconnecting, url, options } = context;
  const name = Math.random();
  const socket = reconnecting(`${url}/shaky/${name}`, { ...options, ...SOON });
  await next(socket, "connected");
  for (const value of [{ type: "subscribe" }, detached(), null, undefined, Symbol("s"), [1]]) {
    same((await failure(() => socket.send(value))).name, "TypeError");
  }
  same([socket.send(7), socket.send("next")], [0, 1]);
  await until(async () => (await told(context, `${url}/kept/${name}`)).length === 2);
  same(await told(context, `${url}/kept/${name}`), ["7", "next"]);
  socket.abort();
}

export async function what_is_given_away_in_the_queue_is_dropped_and_said(context) {
  const { reconnecting, url, options } = context;
  const socket = reconnecting(`${url}/echo`, { ...options, ...SOON });
  const given = new Uint8Array(4);
  same([socket.send("before"), socket.send(given), socket.send("behind")], [0, 1, 2]);
  structuredClone(given, { transfer: [given.buffer] });
  const dropped = next(socket, "dropped");
  const messages = socket.messages();
  same([(await messages.next()).value, (await messages.next()).value], ["before", "behind"]);
  const { number, reason } = await dropped;
  same([number, reason.name], [1, "TypeError"]);
  socket.abort();
}

export async function a_greeting_of_one_message({ reconnecting, url, options }) {
  for (const [greeting, expected] of [
    [() => "login", ["login"]],
    [() => Uint8Array.of(1, 2), [2]],
    [() => [1], ["1"]],
    [() => new Set(["a", "b"]), ["a", "b"]],
    [() => undefined, []],
  ]) {
    const socket = reconnecting(`${url}/echo`, { ...options, ...SOON, greeting });
    const messages = socket.messages();
    socket.send("end");
    const heard = [];
    for await (const message of messages) {
      if (message === "end") {
        break;
      }
      heard.push(message.byteLength ?? message);
    }
    same(heard, expected);
    socket.abort();
  }
}

export async function functions_that_throw_are_reported_and_harm_nothing({ reconnecting, QWebSocket, url, options }) {
  const reports = reported();
  const boom = () => {
    throw new Error("on purpose");
  };
  const socket = reconnecting(`${url}/echo`, { ...options, ...SOON, greeting: boom, decide: boom });
  await next(socket, "connected");
  socket.send("drop");
  await next(socket, "connected");
  socket.abort();
  const keepAlive = { interval: 60_000, probe: "{}", isAnswer: (message) => JSON.parse(message).pong };
  const plain = new QWebSocket({ ...options, keepAlive });
  const messages = plain.messages();
  await plain.open(`${url}/echo`);
  for (const text of ['{"a":1}', "plain text", '{"pong":1}', '{"b":1}']) {
    plain.sendTextMessage(text);
  }
  const heard = [];
  for (let count = 0; count < 4; count++) {
    heard.push((await messages.next()).value);
  }
  // An answer to nobody's question is a message.
  same(heard, ['{"a":1}', "plain text", '{"pong":1}', '{"b":1}']);
  plain.abort();
  await sleep(10);
  same(reports.end().length, 4);
}

export async function verdicts_of_every_shape({ reconnecting, url, options }) {
  const reports = reported();
  const asked = {};
  for (const [name, verdict] of Object.entries({
    negative: { retryAfter: -5 },
    none: { retryAfter: 0 },
    never: { retryAfter: Infinity },
    nan: { retryAfter: NaN },
    big: { retryAfter: 5n },
    promise: Promise.resolve("retry"),
    word: "later",
  })) {
    asked[name] = 0;
    const decide = () => {
      asked[name]++;
      return asked[name] > 3 ? "giveUp" : verdict;
    };
    const socket = reconnecting(`${url}/refuse`, { ...options, firstDelay: 1, maximumDelay: 1, decide });
    await (name === "never" ? next(socket, "waiting").then(() => sleep(50)) : next(socket, "givenUp"));
    socket.abort();
  }
  await sleep(10);
  same(asked, { negative: 4, none: 4, never: 1, nan: 4, big: 4, promise: 4, word: 4 });
  same(reports.end().length, 12);
}

export async function targets_of_every_shape({ reconnecting, url, options }) {
  for (const [target, kind] of [
    [() => ({ url: `${url}/echo`, headers: null })],
    [() => ({ url: new URL(`${url}/echo`), subprotocols: null })],
    [() => new URL(`${url}/echo`)],
    [async () => ({ toString: () => 1 }), "InvalidInput"],
    [() => undefined, "InvalidInput"],
    [() => null, "InvalidInput"],
    [() => ({}), "InvalidInput"],
    [() => ({ url: `${url}/echo`, protocols: [] }), "InvalidInput"],
    [() => ({ url: `${url}/echo`, headers: 1 }), "InvalidInput"],
    [() => Symbol("s"), "Connection"],
    [() => Promise.reject(undefined), "Connection"],
    [() => ({ then: 1, url: `${url}/echo` }), "InvalidInput"],
  ]) {
    const socket = reconnecting(target, { ...options, ...SOON, attempts: 1 });
    const failed = next(socket, "attemptFailed").then(({ error }) => error.kind);
    same(await Promise.race([failed, next(socket, "connected").then(() => undefined)]), kind);
    socket.abort();
  }
}
