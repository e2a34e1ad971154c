import { init, isLoaded } from "./load.js";
import { Endpoint } from "./endpoint.js";
import { Engine } from "./engine.js";
import { givenUp } from "./errors.js";
import { HEARD } from "./names.js";

export class QWebSocket extends Endpoint {
  #engine;
  // The call of `open` that waits for the WebAssembly.
  #loading;
  // Those whose `connecting` is not told yet, and the one whose end is awaited.
  #begun = [];
  #opening;

  constructor(options = {}) {
    super();
    this.#engine = new Engine(this, options);
    this.use(this.#engine);
  }

  open(url, options = {}) {
    const { signal } = options;
    const opening = {};
    const promise = new Promise((resolve, reject) => Object.assign(opening, { resolve, reject }));
    const abort = () => this.#abort(opening, signal.reason);
    opening.settle = (settle, value) => {
      signal?.removeEventListener("abort", abort);
      settle(value);
    };
    try {
      signal?.throwIfAborted();
      this.#engine.check(options);
      signal?.addEventListener("abort", abort);
      this.#cancelLoading();
      if (isLoaded) {
        this.#begin(opening, url, options);
      } else {
        this.#loading = opening;
        init().then(
          () => this.#loading == opening && this.#begin(opening, url, options),
          (error) => opening.settle(opening.reject, error),
        );
      }
    } catch (error) {
      opening.settle(opening.reject, error);
    }
    opening.promise = promise;
    return promise;
  }

  sendTextMessage(text) {
    return this.#engine.send(`${text}`);
  }

  sendBinaryMessage(data) {
    if (!(data instanceof Blob || "byteLength" in Object(data))) {
      throw new TypeError("binary data is an ArrayBuffer, a view of one, or a Blob");
    }
    return this.#engine.send(data);
  }

  close(code = 1000, reason = "") {
    this.#cancelLoading();
    this.#engine.close(code, reason);
  }

  abort() {
    this.#cancelLoading();
    this.#engine.abort();
  }

  // For the engine: an event, before the listeners hear it.
  heard({ type, state, error }) {
    if (state == "connecting") {
      this.#opening = this.#begun.shift();
    }
    const opening = this.#opening;
    if (opening) {
      opening.error ??= error;
      if (type == "connected") {
        opening.settle(opening.resolve);
        this.#opening = undefined;
      } else if (type == "disconnected") {
        this.#opening = undefined;
        this.#fail(opening, opening.reason ?? opening.error ?? givenUp());
      }
    }
  }

  // For the engine: the connection is over.
  left() {}

  #begin(opening, url, options) {
    this.#loading = undefined;
    const engine = this.#engine;
    const isNew = !engine.link;
    if (isNew) {
      engine.make();
    }
    this.#begun.push(opening);
    try {
      engine.open(url, options);
    } catch (error) {
      if (isNew) {
        engine.free(engine.link);
        engine.link = undefined;
      }
      this.#begun.pop();
      opening.settle(opening.reject, error);
      return;
    }
    engine.pump();
  }

  #abort(opening, reason) {
    if (opening == this.#loading) {
      this.#loading = undefined;
      this.#fail(opening, reason);
    } else {
      opening.reason = reason;
      this.#engine.abort();
    }
  }

  #cancelLoading() {
    const loading = this.#loading;
    this.#loading = undefined;
    if (loading) {
      this.#fail(loading, givenUp());
    }
  }

  // Whoever ignores the promise has it from the events, or has given up by himself.
  #fail(opening, reason) {
    opening.promise?.catch(() => {});
    opening.settle(opening.reject, reason);
  }
}

QWebSocket.handles(HEARD);
