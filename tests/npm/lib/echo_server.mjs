// An echo server on `ws`, which remembers what it saw.

import assert from "node:assert/strict";
import { once } from "node:events";

import { require } from "./tools.mjs";

const { WebSocketServer } = require("ws");

/** What `consumers/converse.mjs` sends. */
const CONVERSATION = {
  messages: ["grüß Gott €😀", Uint8Array.of(0xca, 0xfe, 0)],
  code: 1000,
  reason: "bye",
};

export class EchoServer {
  #server;
  #visits = 0;

  static async start() {
    const server = new WebSocketServer({ host: "127.0.0.1", port: 0 });
    server.on("connection", (socket) => {
      socket.on("message", (data, binary) => socket.send(data, { binary }));
    });
    await once(server, "listening");
    return new EchoServer(server);
  }

  constructor(server) {
    this.#server = server;
  }

  get url() {
    return `ws://127.0.0.1:${this.#server.address().port}`;
  }

  /** Lets a consumer converse at the URL that it is given; both sides must have seen all of it. */
  async converse(consumer) {
    const path = `/${++this.#visits}`;
    const seen = this.#watch(path);
    assert.equal(await consumer(this.url + path), "echoed");
    assert.deepEqual(await seen, CONVERSATION);
  }

  stop() {
    this.#server.clients.forEach((socket) => socket.terminate());
    this.#server.close();
  }

  /** What the connection to `path` sends, once it is closed. */
  #watch(path) {
    const messages = [];
    return new Promise((resolve) => {
      const watch = (socket, { url }) => {
        if (url !== path) {
          return;
        }
        this.#server.off("connection", watch);
        socket.on("message", (data, binary) => {
          messages.push(binary ? Uint8Array.from(data) : data.toString());
        });
        socket.on("close", (code, reason) => {
          resolve({ messages, code, reason: reason.toString() });
        });
      };
      this.#server.on("connection", watch);
    });
  }
}
