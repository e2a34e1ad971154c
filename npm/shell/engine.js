// Between the core and a socket's user: takes the core's events, in their order, to whoever listens.

import * as core from "qwebsocket";
import { errorOf } from "./errors.js";
import { check } from "./features.js";
import { checked, endOf, engines, errorBy, parcels, send, wires } from "./host.js";
import { FEATURES, SIGNALS, STATES } from "./names.js";
import { runtimeOf } from "./runtime.js";
import { MessageSignal, Signal } from "./signals.js";
import { Wire, utf8Length } from "./wire.js";

const NOTHING = { code: undefined, reason: "" };

// What events carry, by their names: from a number that comes with them, or from the link.
const CARRIES = {
  stateChanged: (value) => ({ state: STATES[value] }),
  bytesWritten: (bytes) => ({ bytes }),
  errorOccurred: (_, link) => ({ error: errorBy(core.error, link) }),
  attempt: (_, link) => ({ attempt: core.first(link) }),
  attemptFailed: (_, link) => ({ error: errorBy(core.carried, link) }),
  waiting: (_, link) => ({ attempt: core.first(link), delay: core.second(link) }),
  ended(_, link) {
    const { code: closeCode, reason: closeReason } = endOf(link);
    const error = errorBy(core.error, link);
    const unknown = [core.first(link), core.second(link)];
    return { wasConnected: true, error, closeCode, closeReason, unknown };
  },
  dropped: (_, link) => ({ number: core.first(link), message: parcels.get(core.second(link)) }),
  givenUp: (_, link) => ({ attempts: core.first(link) }),
  pong: (us) => ({ elapsed: us ? (us - 1) / 1000 : undefined }),
};

export class Engine {
  features;
  error;
  // The number of the core's part of the connection, while there is one.
  link;
  #owner;
  #options;
  #runtime;
  // The last connection's socket.
  wire;
  // What the next connection is made with.
  #request;
  #refusal;
  // The payloads of the messages, and of the pongs, that the core has in its queue.
  #arrived = [];
  #pongs = [];
  #feeds = new Set();
  #drains = [];
  #isPumping = false;
  // While it pumps.
  #isCalled = false;
  // What pumps when the core wants it.
  #timer;
  #last = NOTHING;
  // How long a text may be without being measured.
  #unmeasured;

  // `again` answers what the core asks to connect again.
  constructor(owner, options, again = {}) {
    this.#owner = owner;
    Object.assign(this, again);
    this.#options = options;
    this.#runtime = runtimeOf(options);
    this.features = Object.freeze([...this.#runtime.features]);
    this.check(options);
    const { maxAllowedIncomingMessageSize = 2 ** 31 - 2, receiveQueue = Infinity } = options;
    this.#unmeasured = Math.min(maxAllowedIncomingMessageSize, receiveQueue) / 3;
  }

  check(options) {
    check(options, this.features, this.#options.bestEffort ?? []);
  }

  // Makes the core's part.
  make() {
    const options = this.#options;
    const { interval = Infinity, limit = 20_000 } = options.keepAlive ?? {};
    this.link = core.make(
      options.maxAllowedIncomingMessageSize ?? 2 ** 31 - 2,
      options.receiveQueue ?? Infinity,
      options.writeQueue ?? Infinity,
      options.openTimeout ?? 120_000,
      options.closeTimeout ?? 3_000,
      bits([...this.features, ...(options.bestEffort ?? [])]),
      interval,
      limit,
    );
    engines[this.link] = this;
  }
  // Lets go of it.
  free(link) {
    core.free(link);
    delete engines[link];
  }

  open(url, request) {
    checked(core.open(this.link, ...this.#parts(url, request)));
  }
  // As the request that the core has asked for.
  answer(url, request) {
    core.answer(this.link, ...this.#parts(url, request));
  }

  // There is none, because of this.
  refuse(error) {
    this.#refusal = error;
    this.#refuse(["InvalidInput", "Unsupported"].includes(error?.kind), error);
  }

  #parts(url, request) {
    const { subprotocols = [], headers = {}, origin } = request;
    const hasOrigin = origin !== undefined;
    this.#request = request;
    const names = [...subprotocols];
    const texts = [url, ...names, ...(hasOrigin ? [origin] : []), ...Object.entries(headers).flat()];
    return [lines(texts), names.length, hasOrigin];
  }

  #refuse(isHopeless, error) {
    core.refuse(this.link, isHopeless, `${error?.message ?? error}`);
  }

  send(payload) {
    const isBounded = this.#options.writeQueue !== undefined;
    const link = this.link ?? this.#notConnected();
    const length = isBounded ? this.#measure(payload) : 0;
    return send(link, payload, length);
  }

  ping(payload) {
    checked(core.ping(this.link ?? this.#notConnected(), bytesOf(payload)));
  }
  close(code, reason) {
    if (this.link) {
      checked(core.close(this.link, code, reason));
    }
  }
  abort() {
    if (this.link) {
      checked(core.abort(this.link));
    }
  }

  // Resolves when nothing waits to be written.
  drained() {
    if (this.#isFlushed()) {
      return Promise.resolve();
    }
    return new Promise((resolve) => this.#drains.push(resolve));
  }

  get state() {
    return STATES[this.link ? core.state(this.link) : 0];
  }
  // Why the connection was closed: code and reason.
  get end() {
    return this.link ? endOf(this.link) : this.#last;
  }
  get bytesToWrite() {
    return this.link ? core.buffered(this.link) : 0;
  }

  feed(Kind) {
    const feed = new Kind((isLeft) => {
      if (isLeft) {
        this.#feeds.delete(feed);
      }
      this.#regulate();
    });
    this.#feeds.add(feed);
    return feed;
  }

  // For the core: there is something to take.
  pump() {
    this.#isCalled = this.#isPumping;
    if (this.#isPumping) {
      return;
    }
    this.#isPumping = true;
    let next;
    while (this.link && (next = core.next(this.link)) > 0) {
      this.#take(SIGNALS[next % 32], Math.floor(next / 32));
    }
    this.#isPumping = false;
    if (next < 0) {
      this.#unlink();
    }
    if (this.#drains.length && this.#isFlushed()) {
      this.#drains.splice(0).forEach((resolve) => resolve());
    }
  }

  // For the core: it wants to be asked again then.
  wait(ms) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.pump(), ms);
  }

  // For the core: the number of a socket that connects.
  connect(url) {
    try {
      this.wire = this.#wire(url);
      return wires.add(this.wire);
    } catch (error) {
      this.#refuse(error?.name == "SyntaxError", error);
      return 0;
    }
  }

  #wire(url) {
    const { headers, origin, ...request } = this.#request;
    const { Class, connect, counts } = this.#runtime;
    const socket = connect(Class, url, {
      subprotocols: [],
      ...request,
      headers: origin === undefined ? headers : { ...headers, Origin: origin },
    });
    const link = this.link;
    return new Wire(socket, counts, this.#options.keepAlive?.probe, {
      opened: () => core.opened(link),
      received: (data) => this.#receive(data),
      failing: (why = "") => core.failing(link, why),
      ended: (wasClean, code, reason) => core.ended(link, wasClean, code, reason),
      ponged: (payload) => {
        this.#pongs.push(payload);
        core.ponged(link, payload);
      },
    });
  }

  #receive(data) {
    const { keepAlive } = this.#options;
    const isAnswer = keepAlive ? Boolean(keepAlive.isAnswer(data)) : false;
    const waiting = this.#feeds.size && this.#backlog();
    const arrived = this.#arrived;
    arrived.push(data);
    const length = this.#measure(data);
    switch (core.received(this.link, length, isAnswer, waiting, !this.#isPumping)) {
      case 0:
        arrived.pop();
        break;
      case 2:
        this.#isPumping = true;
        this.#take("message");
        this.#isPumping = false;
        if (this.#isCalled) {
          this.pump();
        }
    }
    if (waiting) {
      this.#regulate();
    }
  }

  // The length in bytes; of a text that is certainly within the limits something like it.
  #measure(data) {
    if (typeof data == "string") {
      return data.length <= this.#unmeasured ? data.length : utf8Length(data);
    }
    return data.byteLength ?? data.size;
  }

  #take(type, value) {
    const owner = this.#owner;
    if (type == "message") {
      const message = this.#arrived.shift();
      const isText = typeof message == "string";
      const name = isText ? "textMessageReceived" : "binaryMessageReceived";
      if (this.#feeds.size) {
        this.#spread(new MessageSignal(owner, name, message), message, this.#measure(message));
      } else if (owner.hears(name)) {
        owner.tell(new MessageSignal(owner, name, message));
      }
      return;
    }
    const event = new Signal(owner, type);
    this.#fill(event, type, value);
    owner.heard(event);
    this.#spread(event);
  }

  #fill(event, type, value) {
    Object.assign(event, CARRIES[type]?.(value, this.link));
    if (type == "errorOccurred") {
      this.error = event.error;
    } else if (type == "attemptFailed" && this.#refusal) {
      event.error.cause = this.#refusal;
      this.#refusal = undefined;
    } else if (type == "pong") {
      event.payload = this.#pongs.shift();
    } else if (event.state == "connecting") {
      this.error = undefined;
    }
  }

  #spread(event, message, bytes = 0) {
    this.#owner.tell(event);
    for (const feed of this.#feeds) {
      feed.hear(event, message, bytes);
    }
  }

  #backlog() {
    let bytes = 0;
    for (const feed of this.#feeds) {
      bytes = Math.max(bytes, feed.bytes);
    }
    return bytes;
  }

  // Stops reading where too much waits.
  #regulate() {
    const { readBufferSize } = this.#options;
    if (readBufferSize && this.features.includes("READ_BUFFER")) {
      this.#backlog() < readBufferSize ? this.wire?.resume() : this.wire?.pause();
    }
  }

  #isFlushed() {
    return this.link ? core.flushed(this.link) : true;
  }

  #unlink() {
    const { link } = this;
    this.#owner.left(link);
    this.#last = endOf(link);
    this.link = undefined;
    clearTimeout(this.#timer);
    for (const feed of this.#feeds) {
      feed.end(this.error);
    }
    this.#feeds.clear();
    // It may be what called us.
    queueMicrotask(() => this.free(link));
  }

  #notConnected() {
    throw errorOf(2, 0, "not connected");
  }
}

function bits(features) {
  return [...new Set(features)].reduce((bits, feature) => bits + 2 ** FEATURES.indexOf(feature), 0);
}

// What has more lines than one is refused as what has another control character.
function lines(texts) {
  return texts.map((text) => `${text}`.replaceAll(/[\r\n]/g, "\0") + "\n").join("");
}

function bytesOf(payload = "") {
  return typeof payload == "string"
    ? new TextEncoder().encode(payload)
    : new Uint8Array(payload.buffer ?? payload, payload.byteOffset ?? 0, payload.byteLength);
}
