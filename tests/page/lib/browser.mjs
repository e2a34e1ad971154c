// What the tests of the page need of a browser; Chromium and Firefox fill in the rest:
//
// goto(url), click(selector), fill(selector, text), choose(selector, value), upload(selector, file),
// press(...keys), type(text), evaluate(function, argument), resize(width, height), screenshot(file), close()

import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";

import { page } from "./environment.mjs";

const PATIENCE = 60_000;
const BETWEEN_LOOKS = 25;

/** What a browser itself logs when a server is gone. No page can keep it from that. */
const LOST_CONNECTION =
  /^WebSocket connection to .* failed|can’t establish a connection to the server|The connection to ws:.* was interrupted/;

export class Browser {
  /** What the console showed as an error or a warning. */
  complaints = [];
  /** Every URL that was asked for. */
  requested = [];

  /** A fresh page. */
  async open() {
    await this.goto(page);
    await this.until(() => "ready" in document.documentElement.dataset);
  }

  /** Waits until the function, called in the page, returns something, which is returned. */
  async until(look, argument) {
    const deadline = Date.now() + PATIENCE;
    for (;;) {
      const seen = await this.evaluate(look, argument);
      if (seen) {
        return seen;
      }
      assert.ok(Date.now() < deadline, `never: ${look} ${JSON.stringify(argument) ?? ""}`);
      await sleep(BETWEEN_LOOKS);
    }
  }

  text(selector) {
    return this.evaluate((selector) => document.querySelector(selector).textContent, selector);
  }

  untilText(selector, text) {
    return this.until(
      ([selector, text]) => document.querySelector(selector).textContent === text,
      [selector, text],
    );
  }

  /** The rows of a log: kind and detail. */
  rows(selector) {
    return this.evaluate(
      (selector) =>
        [...document.querySelectorAll(`${selector} li`)].map((row) =>
          [".kind", ".detail"].map((cell) => row.querySelector(cell).textContent.trim()),
        ),
      selector,
    );
  }

  /** Waits for a row with this kind, and with this at the beginning of its detail. */
  untilRow(selector, kind, detail = "") {
    return this.until(
      ([selector, kind, detail]) =>
        [...document.querySelectorAll(`${selector} li`)].some(
          (row) =>
            row.querySelector(".kind").textContent === kind &&
            row.querySelector(".detail").textContent.startsWith(detail),
        ),
      [selector, kind, detail],
    );
  }

  /** Nothing was complained of, and nobody else was asked for anything; forgets both. */
  assertQuiet({ serverIsLost = false } = {}) {
    const complaints = this.complaints.splice(0);
    const own = complaints.filter((text) => !(serverIsLost && LOST_CONNECTION.test(text)));
    assert.deepEqual(own, []);
    const strangers = this.requested.splice(0).filter((url) => {
      const { protocol, hostname } = new URL(url);
      return protocol !== "data:" && protocol !== "blob:" && hostname !== "127.0.0.1";
    });
    assert.deepEqual(strangers, []);
  }
}
