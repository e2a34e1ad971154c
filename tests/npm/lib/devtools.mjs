// A Chromium that is driven by its own protocol. Playwright says of every page that it is in front,
// and such a page does not freeze.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";

import { args } from "./chromium.mjs";
import { chromium, require } from "./tools.mjs";

const { WebSocket } = require("ws");

export class Browser {
  #profile;
  #process;
  #connection;
  #answers = new Map();
  #calls = 0;

  static async launch() {
    const browser = new Browser();
    await browser.#launch();
    return browser;
  }

  async #launch() {
    this.#profile = await mkdtemp(path.join(tmpdir(), "chromium-"));
    const own = ["--remote-debugging-port=0", `--user-data-dir=${this.#profile}`];
    this.#process = spawn(chromium, [...args, ...own], { stdio: ["ignore", "ignore", "pipe"] });
    this.#connection = new WebSocket(await this.#address());
    this.#connection.on("message", (text) => {
      const { id, ...answer } = JSON.parse(text);
      this.#answers.get(id)?.(answer);
      this.#answers.delete(id);
    });
    await once(this.#connection, "open");
  }

  async #address() {
    for await (const line of createInterface(this.#process.stderr)) {
      const address = /listening on (ws:\S+)/.exec(line)?.[1];
      if (address) {
        this.#process.stderr.resume();
        return address;
      }
    }
    throw new Error("Chromium ended");
  }

  /** Calls a command; resolves with its result. */
  async call(method, params = {}, sessionId = undefined) {
    const id = ++this.#calls;
    this.#connection.send(JSON.stringify({ id, method, params, sessionId }));
    const { error, result } = await new Promise((resolve) => this.#answers.set(id, resolve));
    assert.equal(error, undefined, method);
    return result;
  }

  /** Opens a page; returns what calls commands of it. */
  async page(url) {
    const { targetId } = await this.call("Target.createTarget", { url });
    const { sessionId } = await this.call("Target.attachToTarget", { targetId, flatten: true });
    return (method, params) => this.call(method, params, sessionId);
  }

  async close() {
    const ended = once(this.#process, "exit");
    this.#process.kill();
    await ended;
    await rm(this.#profile, { recursive: true, force: true, maxRetries: 5 });
  }
}
