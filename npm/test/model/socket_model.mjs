// What a `QWebSocket` must do: its state after each call, the order of its events, each message once.

import assert from "node:assert/strict";

import { FakeSocket } from "../lib/package.mjs";
import { documented, odd } from "./odd.mjs";

const OPEN_LIMIT = 1_200;
const CLOSE_LIMIT = 300;

/** Which event may follow which; the states are told apart by their names. */
const FOLLOWS = {
  start: ["connecting"],
  connecting: ["connected!", "errorOccurred", "aboutToClose"],
  "connected!": ["connected"],
  connected: ["message", "bytesWritten", "aboutToClose", "errorOccurred"],
  message: ["message", "bytesWritten", "aboutToClose", "errorOccurred"],
  bytesWritten: ["message", "bytesWritten", "aboutToClose", "errorOccurred", "unconnected"],
  errorOccurred: ["aboutToClose", "unconnected", "bytesWritten"],
  aboutToClose: ["closing", "unconnected", "bytesWritten", "message"],
  closing: ["unconnected", "bytesWritten", "errorOccurred", "message"],
  unconnected: ["readChannelFinished", "disconnected"],
  readChannelFinished: ["disconnected"],
  disconnected: ["connecting"],
};

const TYPES = [
  "stateChanged",
  "connected",
  "aboutToClose",
  "disconnected",
  "readChannelFinished",
  "textMessageReceived",
  "binaryMessageReceived",
  "bytesWritten",
  "errorOccurred",
];

export class SocketModel {
  #chance;
  #time;
  #socket;
  state = "unconnected";
  #fake;
  #deadline = Infinity;
  #last = "start";
  #number = 0;
  #expected = [];
  #told = [];
  #iterated = [];
  #promises = [];

  constructor({ QWebSocket }, chance, time) {
    this.#chance = chance;
    this.#time = time;
    this.#socket = new QWebSocket({
      webSocket: FakeSocket,
      openTimeout: OPEN_LIMIT,
      closeTimeout: CLOSE_LIMIT,
    });
    for (const type of TYPES) {
      this.#socket.addEventListener(type, (event) => this.#heard(event));
    }
    void this.#iterate();
  }

  /** One call, or one thing that happens. */
  async step() {
    const turn = this.#chance.of([
      "open",
      "open",
      "opens",
      "opens",
      "receives",
      "receives",
      "send",
      "send",
      "close",
      "abort",
      "ends",
      "fails",
      "pass",
      "pass",
      "written",
      "odd",
      "odd",
      "drained",
      "over",
    ]);
    this[`_${turn}`]();
    await this.#time.pass(0);
    if (turn === "pass") {
      await this.#time.pass(this.#chance.of([0, 1, 50, 150, 299, 301, 600, 1_300]));
    }
    if (this.#time.now >= this.#deadline) {
      this.#gone();
    }
    assert.equal(this.#socket.state, this.state, `after ${turn}`);
  }

  /** Ends all, and looks at the accounts. */
  async end() {
    this.#socket.abort();
    this.#gone();
    await this.#time.pass(1_000);
    const open = await Promise.race([
      Promise.all(this.#promises).then(() => 0),
      this.#time.settle().then(() => this.#promises.length),
    ]);
    assert.equal(open, 0, "promises that do not settle");
    assert.deepEqual(this.#told, this.#expected);
    assert.deepEqual(this.#iterated, this.#expected);
    assert(["start", "disconnected"].includes(this.#last), this.#last);
    assert.equal(this.#socket.bytesToWrite, 0);
  }

  #heard({ type, state, message }) {
    const word = state
      ? state === "connected"
        ? "connected!"
        : state
      : message !== undefined
        ? "message"
        : type;
    assert(FOLLOWS[this.#last].includes(word), `${word} behind ${this.#last}`);
    this.#last = word;
    if (message !== undefined) {
      this.#told.push(typeof message == "string" ? message : message.byteLength);
    }
  }

  /** Takes all messages, one iterator after the other. */
  async #iterate() {
    for (let turn = 0; turn < 1_000; turn++) {
      try {
        for await (const message of this.#socket) {
          this.#iterated.push(typeof message == "string" ? message : message.byteLength);
          if (this.#chance.is(0.2)) {
            break;
          }
        }
      } catch (error) {
        documented(error);
      }
      if (this.state === "unconnected") {
        // Until the next connection.
        await Promise.resolve();
      }
    }
  }

  #gone() {
    this.state = "unconnected";
    this.#deadline = Infinity;
  }

  #promise(promise) {
    this.#promises.push(promise.then(() => {}, documented));
  }

  #try(call) {
    try {
      return call();
    } catch (error) {
      documented(error);
      return undefined;
    }
  }

  _open() {
    const before = FakeSocket.last;
    this.#promise(this.#socket.open("ws://fake/"));
    assert.notEqual(FakeSocket.last, before);
    this.#fake = FakeSocket.last;
    this.state = "connecting";
    this.#deadline = this.#time.now + OPEN_LIMIT;
  }
  _opens() {
    if (this.state === "connecting" && this.#fake.readyState === 0) {
      this.#fake.opens();
      this.state = "connected";
      this.#deadline = Infinity;
    }
  }
  _receives() {
    const message = this.#chance.is(0.5) ? `${this.#number++}` : new ArrayBuffer(this.#number++);
    if (this.state === "connected") {
      this.#expected.push(typeof message == "string" ? message : message.byteLength);
      this.#fake.receives(message);
    }
  }
  _send() {
    const data = this.#chance.of(["text", "grüß", new Uint8Array(5)]);
    const sent = this.#try(() =>
      typeof data == "string"
        ? this.#socket.sendTextMessage(data)
        : this.#socket.sendBinaryMessage(data),
    );
    assert.equal(sent !== undefined, this.state === "connected");
    if (sent) {
      this.#fake.bufferedAmount += this.#chance.is(0.5) ? sent : 0;
    }
  }
  _close() {
    this.#socket.close(this.#chance.of([undefined, 1000, 3000, 4999]), "reason");
    this.#closing();
  }
  #closing() {
    if (this.state === "connecting") {
      this.#gone();
    } else if (this.state === "connected") {
      this.state = "closing";
      this.#deadline = this.#time.now + CLOSE_LIMIT;
    }
  }
  _abort() {
    this.#socket.abort();
    this.#gone();
  }
  _ends() {
    if (this.state !== "unconnected") {
      this.#fake.ends(
        ...this.#chance.of([
          [1006, false],
          [1000, true],
          [3000, true],
          [1005, true],
        ]),
      );
      this.#gone();
    }
  }
  _fails() {
    if (this.state === "connecting") {
      this.#fake.tell(
        "error",
        this.#chance.of([{}, undefined, { message: "why" }, { message: 1 }]),
      );
      this.#deadline = this.#time.now;
    }
  }
  _pass() {}
  _written() {
    if (this.#fake) {
      this.#fake.bufferedAmount = 0;
    }
  }
  _drained() {
    this.#promise(this.#socket.drained());
  }
  _over() {
    // What tells of a connection that is over is not heard.
    const [old] = FakeSocket.all;
    if (old && old !== this.#fake) {
      old.receives("late");
      old.ends();
    }
  }
  _odd() {
    const value = odd(this.#chance);
    const call = this.#chance.of([
      "open",
      "options",
      "close",
      "reason",
      "text",
      "binary",
      "ping",
      "listener",
    ]);
    const socket = this.#socket;
    const before = FakeSocket.last;
    const calls = {
      open: () => this.#promise(socket.open(value)),
      options: () =>
        this.#promise(
          socket.open("ws://fake/#", {
            [this.#chance.of(["headers", "subprotocols", "signal", "tls", "origin", "x"])]: value,
          }),
        ),
      close: () => {
        const code = Number(value);
        socket.close(value);
        const isSendable = value === undefined || code === 1000 || (code >= 3000 && code < 5000);
        assert(isSendable || this.state === "unconnected");
        this.#closing();
      },
      reason: () => {
        socket.close(3000, value);
        this.#closing();
      },
      text: () => socket.sendTextMessage(value),
      binary: () => socket.sendBinaryMessage(value),
      ping: () => socket.ping(value),
      listener: () => {
        socket.addEventListener("pong", value);
        socket.removeEventListener(value, value);
        socket.onpong = value;
      },
    };
    this.#try(calls[call]);
    assert.equal(FakeSocket.last, before, "an odd URL is none");
  }
}
