// The runtime's socket as the core sees it, and what we listen to.

export class Wire {
  #socket;
  // Hears what happens, until it is released.
  #hearer;
  #counts;
  #listeners;
  // A blob that is being read, and all that is behind it; runtimes lose blobs, or their place.
  #held;
  #heldBytes = 0;
  // What a keep-alive asks with; the core says when.
  #probe;

  constructor(socket, counts, probe, hearer) {
    this.#socket = socket;
    this.#hearer = hearer;
    this.#counts = counts;
    this.#probe = probe;
    this.#listeners = {
      open: () => hearer.opened(),
      message: ({ data }) => hearer.received(data),
      error: ({ message }) => hearer.failing(message),
      close: ({ wasClean, code, reason }) => hearer.ended(wasClean, code, reason),
    };
    if (socket.on) {
      // Of the package `ws`, which has no event for it. It throws what nobody listens to.
      socket.on("pong", (data) => this.#hearer?.ponged(new Uint8Array(data)));
      socket.on("error", () => {});
    } else if (socket.ping) {
      this.#listeners.pong = ({ data }) => hearer.ponged(new Uint8Array(data));
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
    // Browsers tell at the end what they have not written. Of others all counts as written, since
    // what is not sent again is told, and what arrives twice is not.
    const isUnknown = !this.#counts && this.#socket.readyState == 3;
    return (isUnknown ? 0 : this.#socket.bufferedAmount) + this.#heldBytes;
  }
  get readyState() {
    return this.#socket.readyState;
  }

  // Sends, and returns the length in bytes.
  write(payload) {
    const socket = this.#socket;
    if (this.#held || payload instanceof Blob) {
      return this.#hold(payload);
    }
    if (typeof payload != "string") {
      socket.send(unshared(payload));
      return payload.byteLength;
    }
    if (this.#counts) {
      const before = socket.bufferedAmount;
      socket.send(payload);
      return socket.bufferedAmount - before;
    }
    socket.send(payload);
    return utf8Length(payload);
  }

  probe() {
    return this.write(this.#probe);
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
  close(code, reason) {
    const close = () => {
      try {
        this.#socket.close(...(code ? [code, reason] : []));
      } catch {
        // Not with this code.
        this.#socket.close();
      }
    };
    if (this.#held) {
      this.#held = this.#held.then(close);
    } else {
      close();
    }
  }

  // Sends behind what is held already.
  #hold(payload) {
    const length = lengthOf(payload);
    const isBlob = payload instanceof Blob;
    const data = isBlob ? payload.arrayBuffer() : typeof payload == "string" ? payload : copy(payload);
    this.#heldBytes += length;
    const held = Promise.all([data, this.#held]).then(
      ([data]) => {
        this.#socket.send(data);
        this.#heldBytes -= length;
        if (this.#held == held) {
          this.#held = undefined;
        }
      },
      // As if the connection were lost: what is behind must not take its place.
      ({ message }) => {
        this.#hearer?.failing(message);
        this.#socket.close();
      },
    );
    this.#held = held;
    return length;
  }

  release() {
    this.#hearer = undefined;
    for (const [type, listener] of Object.entries(this.#listeners)) {
      this.#socket.removeEventListener(type, listener);
    }
  }
}

const encoder = new TextEncoder();

export function utf8Length(text) {
  return encoder.encode(text).length;
}

// The length in bytes of what can be sent.
export function lengthOf(payload) {
  return typeof payload == "string" ? utf8Length(payload) : (payload.byteLength ?? payload.size);
}

// Runtimes refuse to send shared memory.
function unshared(payload) {
  const { SharedArrayBuffer } = globalThis;
  return SharedArrayBuffer && (payload.buffer ?? payload) instanceof SharedArrayBuffer
    ? copy(payload)
    : payload;
}

export function copy(payload) {
  const { buffer = payload, byteOffset, byteLength } = payload;
  return new Uint8Array(buffer, byteOffset, byteLength).slice();
}
