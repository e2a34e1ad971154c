// Thousands of connections, and what is left of them: nothing.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { launch } from "./lib/chromium.mjs";
import { page as url } from "./lib/environment.mjs";
import { Heap } from "./lib/heap.mjs";

const LIMIT = 400_000;
const CYCLES = 5000;
/** What is loaded, compiled and cached on the first ones is no leak. */
const WARM_UP = 500;
/** Of the heap, in bytes: what the engine keeps once, of code that it has come to know. */
const ONCE = 32 << 10;
/** The same for each cycle; one object with one property is 16 bytes. */
const MOST = 8;

describe("Chromium keeps nothing of", { concurrency: 1, timeout: LIMIT }, () => {
  let browser;
  let page;
  let heap;

  before(async () => {
    ({ browser, page } = await launch());
    // Of the same origin, and nothing happens in it by itself.
    await page.goto(`${url}server.json`);
    heap = await Heap.of(page);
    await page.evaluate(async () => {
      const { QWebSocket } = await import("/package/reconnecting.js");
      const { url } = await (await fetch("/server.json")).json();
      const socket = new QWebSocket();
      await socket.open(url);
      socket.sendTextMessage("hello");
      // Makes the channel by which sockets wait for a task; it stays.
      await socket.drained();
      socket.close();
    });
  });
  after(() => browser?.close());

  /** Runs so many cycles in the page, each of which ends with its socket out of reach. */
  const run = (cycle, cycles) =>
    page.evaluate(`(async () => {
      const cycle = ${cycle};
      const library = await import("/package/reconnecting.js");
      const { url } = await (await fetch("/server.json")).json();
      for (let index = 0; index < ${cycles}; index += 1) {
        await cycle(library, url, index);
      }
    })()`);

  const growth = async (cycle, cycles) => {
    await run(cycle, WARM_UP);
    const before = await heap.settled();
    await run(cycle, cycles);
    const after = await heap.settled();
    return Object.fromEntries(Object.keys(after).map((name) => [name, after[name] - before[name]]));
  };

  const assertFlat = ({ heap, ...counts }, cycles, context) => {
    context.diagnostic(`${heap} bytes of heap stayed after ${cycles} cycles`);
    assert.deepEqual(counts, { wasm: 0, listeners: 0, sockets: 0, targets: 0 });
    assert.ok(heap < ONCE + cycles * MOST, `${heap} bytes of heap stayed`);
  };

  test(`${CYCLES} connections that were closed, aborted and disposed of`, async (context) => {
    const cycle = async ({ QWebSocket }, url, index) => {
      const socket = new QWebSocket();
      socket.addEventListener("textMessageReceived", () => socket.state);
      socket.onerrorOccurred = () => socket.state;
      const gone = new Promise((resolve) => (socket.ondisconnected = resolve));
      await socket.open(url);
      socket.sendTextMessage("hello");
      if (index % 3 === 0) {
        socket.close(1000, "bye");
      } else if (index % 3 === 1) {
        socket.abort();
      } else {
        socket[Symbol.dispose]();
      }
      await gone;
    };
    assertFlat(await growth(cycle, CYCLES), CYCLES, context);
  });

  test("1000 attempts with a signal", async (context) => {
    const cycle = async ({ QWebSocket }, url, index) => {
      const socket = new QWebSocket();
      if (index % 2 === 0) {
        const controller = new AbortController();
        const opening = socket.open(url, { signal: controller.signal });
        controller.abort();
        await opening.catch(() => {});
      } else {
        // One signal for many: nothing may stay at it.
        globalThis.controller ??= new AbortController();
        await socket.open(url, { signal: globalThis.controller.signal });
        socket.abort();
      }
    };
    assertFlat(await growth(cycle, 1000), 1000, context);
  });

  test("500 connections whose iterators were left", async (context) => {
    const cycle = async ({ QWebSocket }, url) => {
      const socket = new QWebSocket();
      await socket.open(url);
      socket.sendTextMessage("once");
      for await (const message of socket) {
        if (message === "once") {
          break;
        }
      }
      socket.sendTextMessage("again");
      for await (const { type } of socket.events()) {
        if (type === "textMessageReceived") {
          break;
        }
      }
      socket.close();
    };
    assertFlat(await growth(cycle, 500), 500, context);
  });

  test("500 connections that come back", async (context) => {
    const cycle = async ({ reconnecting }, url) => {
      const socket = reconnecting(url);
      socket.send("hello");
      for await (const message of socket) {
        if (message === "hello") {
          break;
        }
      }
      socket.close();
      await new Promise((resolve) => (socket.onended = resolve));
    };
    assertFlat(await growth(cycle, 500), 500, context);
  });

  test("nothing that this test would miss", async () => {
    const cycle = async (_, url) => {
      const socket = new WebSocket(url);
      const { promise, resolve } = Promise.withResolvers();
      socket.addEventListener("open", resolve);
      await promise;
      socket.close();
      (globalThis.kept ??= []).push(socket);
    };
    const { heap, listeners, sockets } = await growth(cycle, 500);
    assert.deepEqual({ listeners, sockets }, { listeners: 500, sockets: 500 });
    assert.ok(heap > ONCE + 500 * MOST, `${heap} bytes`);
  });
});
