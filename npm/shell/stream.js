// A `WebSocketStream` with the interface of a `WebSocket`, which can stop reading.

import { copy, lengthOf } from "./wire.js";

export class StreamSocket {
  readyState = 0;
  bufferedAmount = 0;
  protocol = "";
  extensions = "";
  url;
  #stream;
  #writer;
  #listeners = {};
  // What was sent, as far as the stream has it.
  #sent = Promise.resolve();
  #pausing;
  #resume;

  constructor(Class, url, protocols) {
    this.#stream = new Class(url, { protocols });
    this.url = this.#stream.url;
    this.#run();
  }

  addEventListener(type, listener) {
    this.#listeners[type] = listener;
  }
  removeEventListener(type) {
    delete this.#listeners[type];
  }

  send(data) {
    const length = lengthOf(data);
    this.bufferedAmount += length;
    // The stream takes it later, when it may have changed.
    const written = this.#writer.write(typeof data == "string" ? data : copy(data));
    // What could not be written is told by the end of the stream.
    this.#sent = written.then(() => (this.bufferedAmount -= length)).catch(() => {});
  }

  pause() {
    this.#pausing ??= new Promise((resolve) => (this.#resume = resolve));
  }
  resume() {
    this.#resume?.();
    this.#pausing = undefined;
  }

  close(closeCode, reason) {
    if (this.readyState < 2) {
      const connects = !this.readyState;
      this.readyState = 2;
      const close = () => this.#stream.close({ closeCode, reason });
      connects ? close() : this.#sent.then(close);
    }
  }

  async #run() {
    const stream = this.#stream;
    const closed = stream.closed.then(
      ({ closeCode, reason }) => ({ wasClean: true, code: closeCode ?? 1005, reason }),
      () => ({ wasClean: false, code: 1006, reason: "" }),
    );
    try {
      const { readable, writable, protocol, extensions } = await stream.opened;
      this.readyState = Math.max(1, this.readyState);
      Object.assign(this, { protocol, extensions });
      this.#writer = writable.getWriter();
      // Each write tells it, too.
      this.#writer.closed.catch(() => {});
      this.#tell("open", {});
      await this.#read(readable.getReader());
    } catch (error) {
      // The end of the stream says more.
    }
    const end = await closed;
    this.readyState = 3;
    this.#tell("close", end);
  }

  async #read(reader) {
    for (;;) {
      await this.#pausing;
      const { done, value } = await reader.read();
      if (done) {
        return;
      }
      const data = typeof value == "string" ? value : new Uint8Array(value).slice().buffer;
      this.#tell("message", { data });
    }
  }

  #tell(type, event) {
    this.#listeners[type]?.(event);
  }
}
