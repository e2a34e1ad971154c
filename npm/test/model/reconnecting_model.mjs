// What a connection that comes back must do: each message that it accepts is sent once, or told.

import assert from "node:assert/strict";

import { FakeSocket } from "../lib/package.mjs";
import { documented, odd } from "./odd.mjs";

const TYPES = [
  "attempt",
  "attemptFailed",
  "waiting",
  "offline",
  "ended",
  "dropped",
  "givenUp",
  "connected",
  "disconnected",
];

export class ReconnectingModel {
  #chance;
  #time;
  #socket;
  #accepted = 0;
  #dropped = [];
  #unknown = [];
  #taken = [];
  #promises = [];
  #isConnected = false;
  /** Whether the peer has answered our close frame: with its code (RFC 6455 §5.5.1). */
  #isAnswered = false;
  #acknowledged = -1;

  constructor({ reconnecting }, chance, time) {
    this.#chance = chance;
    this.#time = time;
    FakeSocket.all = [];
    this.#socket = reconnecting(() => this.#target(), {
      webSocket: FakeSocket,
      firstDelay: 100,
      maximumDelay: 400,
      closeTimeout: 300,
      seed: chance.below(2 ** 32),
      attempts: chance.of([3, 10, Infinity]),
      queue: chance.of([200, 1 << 20]),
      whenFull: chance.of(["refuse", "dropOldest"]),
      decide: () => this.#verdict(),
      greeting: () => (chance.is(0.1) ? odd(chance) : "hello"),
    });
    for (const type of TYPES) {
      this.#socket.addEventListener(type, (event) => this.#heard(event));
    }
    void this.#take();
  }

  #target() {
    if (this.#chance.is(0.1)) {
      return odd(this.#chance);
    }
    return this.#chance.of(["ws://fake/", Promise.resolve("ws://fake/"), { url: "ws://fake/" }]);
  }

  #verdict() {
    if (this.#chance.is(0.1)) {
      return odd(this.#chance);
    }
    return this.#chance.of([
      "retry",
      "retry",
      { retryAfter: 10 },
      { retryAfter: -1 },
      "giveUp",
      undefined,
    ]);
  }

  async #take() {
    try {
      for await (const _ of this.#socket);
    } catch (error) {
      documented(error);
    }
  }

  #heard(event) {
    switch (event.type) {
      case "attempt":
        assert(!this.#isConnected);
        assert(event.attempt >= 1);
        break;
      case "connected":
        this.#isConnected = true;
        this.#isAnswered = false;
        break;
      case "ended": {
        this.#isConnected = false;
        const [from, to] = event.unknown;
        assert(from <= to && to <= this.#accepted, `${from} to ${to} of ${this.#accepted}`);
        assert(from > (this.#unknown.at(-1) ?? -1), "told once");
        if (this.#isAnswered) {
          // A peer that has answered our close has read what came before.
          assert.equal(from, to);
          this.#acknowledged = Math.max(this.#acknowledged, to - 1);
        }
        for (let number = from; number < to; number++) {
          this.#unknown.push(number);
        }
        break;
      }
      case "dropped":
        this.#dropped.push(event.number);
        break;
    }
  }

  get #fake() {
    return FakeSocket.all.at(-1);
  }

  async step() {
    const turn = this.#chance.of([
      "send",
      "send",
      "send",
      "opens",
      "opens",
      "ends",
      "written",
      "pass",
      "pass",
      "acknowledge",
      "now",
      "online",
      "take",
      "close",
      "abort",
      "odd",
      "drained",
    ]);
    this[`_${turn}`]();
    await this.#time.settle();
    if (turn === "pass") {
      await this.#time.pass(this.#chance.of([0, 1, 50, 200, 500, 1_500]));
    }
    assert(this.#socket.unwritten <= this.#accepted);
  }

  async end() {
    this.#socket.abort();
    await this.#time.pass(1_000);
    this.#taken.push(...this.#socket.takeUnsent().map(([number]) => number));
    const open = await Promise.race([
      Promise.all(this.#promises).then(() => 0),
      this.#time.settle().then(() => this.#promises.length),
    ]);
    assert.equal(open, 0, "promises that do not settle");
    const sent = FakeSocket.all.flatMap(({ sent }) =>
      sent.filter((text) => /^#\d+$/.test(text)).map((text) => Number(text.slice(1))),
    );
    assert.deepEqual(
      sent,
      [...new Set(sent)].sort((a, b) => a - b),
      "once, and in their order",
    );
    const all = [...sent, ...this.#dropped, ...this.#taken].sort((a, b) => a - b);
    assert.deepEqual(
      all,
      Array.from({ length: this.#accepted }, (_, number) => number),
      "each once",
    );
    const silent = sent.filter(
      (number) => number > this.#acknowledged && !this.#unknown.includes(number),
    );
    assert.deepEqual(silent, [], "sent, and neither acknowledged nor told");
  }

  #try(call) {
    try {
      return call();
    } catch (error) {
      documented(error);
      return undefined;
    }
  }

  _send() {
    const number = this.#try(() => this.#socket.send(`#${this.#accepted}`));
    if (number !== undefined) {
      assert.equal(number, this.#accepted);
      this.#accepted++;
    }
  }
  _opens() {
    if (this.#fake?.readyState === 0) {
      this.#fake.opens();
    }
  }
  _ends() {
    if (this.#fake && this.#fake.readyState < 3) {
      const [code, isClean] = this.#chance.of([
        [1006, false],
        [1000, true],
        [4000, true],
        [1012, true],
      ]);
      const ours = this.#fake.closed[0]?.[0];
      this.#isAnswered = this.#socket.state === "closing" && isClean && code === ours;
      this.#fake.ends(code, isClean);
    }
  }
  _written() {
    if (this.#fake) {
      this.#fake.bufferedAmount = this.#chance.of([0, 100]);
    }
  }
  _pass() {}
  _acknowledge() {
    const number = this.#chance.below(this.#accepted + 1);
    this.#socket.acknowledge(number);
    // What is not known to be written is not settled by it.
    this.#acknowledged = Math.max(this.#acknowledged, Math.min(number, this.#accepted - 1));
  }
  _now() {
    this.#socket.reconnectNow();
  }
  _online() {
    this.#socket.setOnline(this.#chance.is(0.7));
  }
  _take() {
    this.#taken.push(...this.#socket.takeUnsent().map(([number]) => number));
  }
  _close() {
    if (this.#chance.is(0.3)) {
      this.#socket.close(this.#chance.of([undefined, 1000, 4000]));
    }
  }
  _abort() {
    if (this.#chance.is(0.3)) {
      this.#socket.abort();
    }
  }
  _drained() {
    const drained = this.#socket.drained();
    this.#promises.push(drained);
  }
  _odd() {
    const value = odd(this.#chance);
    const socket = this.#socket;
    const calls = {
      acknowledge: () => {
        socket.acknowledge(value);
        this.#acknowledged = Math.max(
          this.#acknowledged,
          Math.min(Number(value), this.#accepted - 1),
        );
      },
      setOnline: () => socket.setOnline(value),
      close: () => socket.close(value, value),
      ping: () => socket.ping(value),
    };
    this.#try(calls[this.#chance.of(Object.keys(calls))]);
    socket.setOnline(true);
  }
}
