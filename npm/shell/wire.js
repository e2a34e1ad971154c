// The runtime's socket as the core sees it, and what we listen to.

export class Wire {
  #socket;
  #counts;
  #listeners;
  // What a keep-alive asks with; the core says when.
  #probe;

  constructor(socket, counts, probe, { link, receive, pong }) {
    this.#socket = socket;
    this.#counts = counts;
    this.#probe = probe;
    this.#listeners = {
      open: () => link.opened(),
      message: ({ data }) => receive(data),
      error: ({ message }) => link.failing(message || undefined),
      close: ({ wasClean, code, reason }) => link.ended(wasClean, code, reason),
    };
    if (socket.on) {
      // Of the package `ws`, which has no event for it. It throws what nobody listens to.
      socket.on("pong", (data) => pong(new Uint8Array(data)));
      socket.on("error", () => {});
    } else if (socket.ping) {
      this.#listeners.pong = ({ data }) => pong(new Uint8Array(data));
    }
    for (const [type, listener] of Object.entries(this.#listeners)) {
      socket.addEventListener(type, listener);
    }
    socket.binaryType = "arraybuffer";
  }

  get url() {
    return this.#socket.url;
  }
  get protocol() {
    return this.#socket.protocol;
  }
  get extensions() {
    return this.#socket.extensions;
  }
  get bufferedAmount() {
    return this.#socket.bufferedAmount;
  }
  get readyState() {
    return this.#socket.readyState;
  }

  // Sends, and returns the length in bytes.
  write(payload) {
    const socket = this.#socket;
    if (typeof payload != "string") {
      socket.send(unshared(payload));
      return payload.byteLength ?? payload.size;
    }
    if (this.#counts) {
      const before = socket.bufferedAmount;
      socket.send(payload);
      return socket.bufferedAmount - before;
    }
    socket.send(payload);
    return utf8Length(payload);
  }

  send() {
    this.write(this.#probe);
  }
  ping(payload) {
    this.#socket.ping(payload.slice());
  }
  pause() {
    this.#socket.pause();
  }
  resume() {
    this.#socket.resume();
  }
  close(...why) {
    this.#socket.close(...why);
  }

  release() {
    for (const [type, listener] of Object.entries(this.#listeners)) {
      this.#socket.removeEventListener(type, listener);
    }
  }
}

const encoder = new TextEncoder();

export function utf8Length(text) {
  return encoder.encode(text).length;
}

// Runtimes refuse to send shared memory.
function unshared(payload) {
  if (globalThis.SharedArrayBuffer) {
    if (payload instanceof SharedArrayBuffer) {
      return new Uint8Array(payload).slice();
    }
    if (payload.buffer instanceof SharedArrayBuffer) {
      return new Uint8Array(payload.buffer, payload.byteOffset, payload.byteLength).slice();
    }
  }
  return payload;
}
