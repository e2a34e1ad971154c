// What lives in a page of Chromium, after everything that can go has gone.

import { setTimeout as sleep } from "node:timers/promises";

const PAUSE = 500;
/** A collection may leave what only the next one finds, such as wrappers of the DOM. */
const COLLECTIONS = 5;

export class Heap {
  #devtools;

  static async of(page) {
    const devtools = await page.context().newCDPSession(page);
    await devtools.send("HeapProfiler.enable");
    return new Heap(devtools);
  }

  constructor(devtools) {
    this.#devtools = devtools;
  }

  /**
   * Bytes of the heap and of all wasm memory, and how many listeners, sockets and event targets of
   * any class there are, as soon as none of them goes any more: a browser keeps a socket until its
   * closing handshake is over.
   */
  async settled() {
    let before = await this.#look();
    for (;;) {
      await sleep(PAUSE);
      const now = await this.#look();
      if (["listeners", "sockets", "targets"].every((name) => now[name] === before[name])) {
        return now;
      }
      before = now;
    }
  }

  async #look() {
    for (let turn = 0; turn < COLLECTIONS; turn += 1) {
      await this.#devtools.send("HeapProfiler.collectGarbage");
    }
    const { usedSize } = await this.#devtools.send("Runtime.getHeapUsage");
    const { jsEventListeners } = await this.#devtools.send("Memory.getDOMCounters");
    return {
      heap: usedSize,
      listeners: jsEventListeners,
      sockets: await this.#sum("WebSocket.prototype"),
      targets: await this.#sum("EventTarget.prototype"),
      wasm: await this.#sum("WebAssembly.Memory.prototype", "memory.buffer.byteLength"),
    };
  }

  /** Adds up an expression over all objects with this prototype, however they are reached. */
  async #sum(prototype, expression = "1") {
    const { result } = await this.#devtools.send("Runtime.evaluate", { expression: prototype });
    const { objects } = await this.#devtools.send("Runtime.queryObjects", {
      prototypeObjectId: result.objectId,
      objectGroup: "look",
    });
    const sum = await this.#devtools.send("Runtime.callFunctionOn", {
      objectId: objects.objectId,
      functionDeclaration: `function () {
        return this.reduce((sum, memory) => sum + ${expression}, 0);
      }`,
      returnByValue: true,
    });
    await this.#devtools.send("Runtime.releaseObjectGroup", { objectGroup: "look" });
    return sum.result.value;
  }
}
