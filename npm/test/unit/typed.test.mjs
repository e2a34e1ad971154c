// Values instead of messages: what is decoded, what is not, and in which order.

import assert from "node:assert/strict";
import { before, test } from "node:test";

import { connected, entry, FakeSocket } from "../lib/package.mjs";
import { VirtualTime } from "../lib/virtual.mjs";

const package_ = await entry("reconnecting");
const { json, SchemaError, typed } = await entry("typed");
const time = new VirtualTime();
before(() => time.install());

/** What a typed socket tells, in words. */
function story(values) {
  const words = [];
  values.onmessageReceived = ({ value }) => words.push(value);
  values.onmalformed = ({ message, error }) => words.push(`${error.name} of ${message}`);
  return words;
}

/** A connected socket with values, its fake one, and what it tells. */
async function conversation(options) {
  const [socket, fake] = await connected(package_);
  await time.settle();
  const values = typed(socket, options);
  return { socket, fake, values, words: story(values) };
}

const utf8 = (text) => new TextEncoder().encode(text).buffer;

test("JSON, when nothing else is said", async () => {
  const { socket, fake, values, words } = await conversation();
  assert.equal(values.send({ text: "grüß" }), 17);
  fake.receives('{"text":"Gott"}');
  fake.receives(utf8('["€"]'));
  assert.deepEqual([fake.sent, words], [['{"text":"grüß"}'], [{ text: "Gott" }, ["€"]]]);
  socket.abort();
});

test("what is not decoded is an event, and not the end", async () => {
  const { socket, fake, words } = await conversation();
  fake.receives("{");
  fake.receives(Uint8Array.of(0xff).buffer);
  fake.receives("1");
  assert.deepEqual(words, ["SyntaxError of {", "TypeError of [object ArrayBuffer]", 1]);
  assert.equal(socket.state, "connected");
  assert.equal(socket.error, undefined);
  socket.abort();
});

test("what JSON has no text for is not sent", async () => {
  const { socket, fake, values } = await conversation();
  for (const value of [undefined, () => {}, 1n]) {
    assert.throws(() => values.send(value), TypeError);
  }
  assert.deepEqual(fake.sent, []);
  socket.abort();
});

test("any codec, and what it throws", async () => {
  const codec = {
    encode: (number) => Uint8Array.of(number),
    decode(message) {
      if (typeof message === "string") {
        throw new RangeError("a text");
      }
      return new Uint8Array(message)[0];
    },
  };
  const { socket, fake, values, words } = await conversation({ codec });
  assert.equal(values.send(7), 1);
  fake.receives(Uint8Array.of(8).buffer);
  fake.receives("9");
  assert.deepEqual([fake.sent, words], [[Uint8Array.of(7).buffer], [8, "RangeError of 9"]]);
  socket.abort();
});

test("the same over a connection that comes back, with its numbers", async () => {
  const codec = json();
  const greeting = () => [codec.encode({ subscribe: "news" })];
  const options = { webSocket: FakeSocket, seed: 1, greeting };
  const socket = package_.reconnecting("ws://fake/", options);
  const values = typed(socket, { codec });
  const words = story(values);
  assert.deepEqual([values.send(1), values.send(2)], [0, 1]);
  await time.settle();
  FakeSocket.last.opens();
  await time.settle();
  assert.deepEqual(FakeSocket.last.sent, ['{"subscribe":"news"}', "1", "2"]);
  FakeSocket.last.receives("3");
  FakeSocket.last.ends();
  await time.pass(10_000);
  FakeSocket.last.opens();
  await time.settle();
  FakeSocket.last.receives("4");
  assert.deepEqual(words, [3, 4]);
  values.close(1000);
  FakeSocket.last.ends(1000, true);
  await time.settle();
  assert.equal(socket.state, "unconnected");
});

/** A Standard Schema of our own: even numbers, halved. */
function halves(answer = (validated) => validated) {
  const validate = (value) =>
    answer(value % 2 ? { issues: [{ message: `${value} is odd` }] } : { value: value / 2 });
  return { "~standard": { version: 1, vendor: "test", validate } };
}

test("a schema: its values, and what is wrong", async () => {
  const { socket, fake, values, words } = await conversation({ schema: halves() });
  let issues;
  values.addEventListener("malformed", ({ error }) => ({ issues } = error));
  for (const text of ["2", "3", "4", "{"]) {
    fake.receives(text);
    if (text === "3") {
      assert.deepEqual(issues, [{ message: "3 is odd" }]);
    }
  }
  assert.deepEqual(words, [1, "SchemaError of 3", 2, "SyntaxError of {"]);
  assert.equal(new SchemaError([{ message: "a" }, { message: "b" }]).message, "a; b");
  socket.abort();
});

test("a schema that answers later keeps the order", async () => {
  const answers = [];
  const later = (validated) => new Promise((resolve) => answers.push(() => resolve(validated)));
  const { socket, fake, values, words } = await conversation({ schema: halves(later) });
  const iterator = values.messages();
  ["2", "3", "{", "4"].forEach((text) => fake.receives(text));
  answers.toReversed().forEach((answer) => answer());
  await time.settle();
  assert.deepEqual(words, [1, "SchemaError of 3", "SyntaxError of {", 2]);
  assert.deepEqual(await iterator.next(), { value: 1, done: false });
  assert.deepEqual(await iterator.next(), { value: 2, done: false });
  // A schema that throws says no.
  const failing = halves(() => Promise.reject(new RangeError("no answer")));
  const other = await conversation({ schema: failing });
  other.fake.receives("2");
  await time.settle();
  assert.deepEqual(other.words, ["RangeError of 2"]);
  socket.abort();
  other.socket.abort();
});

test("iterators have the values from their making to the end, and its error", async () => {
  const { fake, values, words } = await conversation();
  const [first, second] = [values.messages(), values[Symbol.asyncIterator]()];
  ["1", "{", "2"].forEach((text) => fake.receives(text));
  fake.ends();
  const all = [];
  await assert.rejects(
    async () => {
      for await (const value of first) {
        all.push(value);
      }
    },
    { kind: "RemoteClosed" },
  );
  assert.deepEqual(all, [1, 2]);
  assert.deepEqual((await second.next()).value, 1);
  // Each message is told once, however many take it.
  assert.deepEqual(words, [1, "SyntaxError of {", 2]);
});

test("an iterator that is left leaves what waits to the next one", async () => {
  const { fake, values } = await conversation();
  const first = values.messages();
  ["1", "2", "3"].forEach((text) => fake.receives(text));
  assert.equal((await first.next()).value, 1);
  await first.return();
  assert.deepEqual(await first.next(), { value: undefined, done: true });
  const second = values.messages();
  assert.equal((await second.next()).value, 2);
  await second.return();
  // One that was not even begun.
  await values.messages().return();
  assert.equal((await values.messages().next()).value, 3);
  fake.ends();
  // Nor does it end with the error of a connection that it has not seen.
  const third = values.messages();
  const next = third.next();
  await third.return();
  assert.deepEqual(await next, { value: undefined, done: true });
});

test("what waits for iterators is bounded as for messages", async () => {
  const [socket, fake] = await connected(package_, { receiveQueue: 100 });
  await time.settle();
  const iterator = typed(socket).messages();
  fake.receives(JSON.stringify("x".repeat(98)));
  assert.equal(socket.state, "connected");
  fake.receives(JSON.stringify("y".repeat(98)));
  assert.equal(socket.error?.kind, "TooLarge");
  assert.equal((await iterator.next()).value, "x".repeat(98));
  socket.abort();
});

test("what is no codec, and no schema, is refused", async () => {
  const [socket] = await connected(package_);
  for (const options of [{ codec: { encode() {} } }, { codec: JSON }, { schema: {} }]) {
    assert.throws(() => typed(socket, options), TypeError);
  }
  socket.abort();
});
