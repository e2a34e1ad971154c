// Between the core and a socket's user: takes the core's events, in their order, to whoever listens.

import { errorOf } from "./errors.js";
import { check } from "./features.js";
import { FEATURES, SIGNALS, STATES } from "./names.js";
import { runtimeOf } from "./runtime.js";
import { MessageSignal, Signal } from "./signals.js";
import { Wire, utf8Length } from "./wire.js";

const NOTHING = { code: undefined, reason: "" };

// What events carry, by their names: of a number that comes with them, or of the link.
const CARRIES = {
  stateChanged: (value) => ({ state: STATES[value] }),
  bytesWritten: (bytes) => ({ bytes }),
  errorOccurred: (_, { error }) => ({ error }),
  attempt: (_, { first: attempt }) => ({ attempt }),
  attemptFailed: (_, { carried: error }) => ({ error }),
  waiting: (_, { first: attempt, second: delay }) => ({ attempt, delay }),
  ended: (_, { first, second, error, code: closeCode, reason: closeReason }) => ({
    wasConnected: true,
    error,
    closeCode,
    closeReason,
    unknown: [first, second],
  }),
  dropped: (_, { first: number, carried: message }) => ({ number, message }),
  givenUp: (_, { first: attempts }) => ({ attempts }),
  pong: (us) => ({ elapsed: us ? (us - 1) / 1000 : undefined }),
};

export class Engine {
  features;
  error;
  // The core's part of the connection, while there is one.
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
  connection(Link) {
    const options = this.#options;
    const { interval = Infinity, limit = 20_000, probe = "" } = options.keepAlive ?? {};
    return new Link(
      this,
      options.maxAllowedIncomingMessageSize ?? 2 ** 31 - 2,
      options.receiveQueue ?? Infinity,
      options.writeQueue ?? Infinity,
      options.openTimeout ?? 120_000,
      options.closeTimeout ?? 3_000,
      bits([...this.features, ...(options.bestEffort ?? [])]),
      interval,
      limit,
      this.#measure(probe),
    );
  }

  open(link, url, request) {
    link.open(...this.#parts(url, request));
  }
  // As the request that the core has asked for.
  answer(url, request) {
    this.link.answer(...this.#parts(url, request));
  }

  // There is none, because of this.
  refuse(error) {
    this.#refusal = error;
    const isHopeless = ["InvalidInput", "Unsupported"].includes(error?.kind);
    this.link.refuse(isHopeless, `${error?.message ?? error}`);
  }

  #parts(url, request) {
    const { subprotocols = [], headers = {}, origin } = request;
    this.#request = request;
    return [`${url}`, lines(subprotocols), lines(Object.entries(headers).flat()), origin];
  }

  send(payload) {
    const isBounded = this.#options.writeQueue !== undefined;
    const link = this.link ?? this.#notConnected();
    return link.send(payload, isBounded ? this.#measure(payload) : 0);
  }

  ping(payload) {
    (this.link ?? this.#notConnected()).ping(bytesOf(payload));
  }

  // Resolves when nothing waits to be written.
  drained() {
    if (this.#isFlushed()) {
      return Promise.resolve();
    }
    return new Promise((resolve) => this.#drains.push(resolve));
  }

  get state() {
    return STATES[this.link?.state ?? 0];
  }
  // Why the connection was closed: code and reason.
  get end() {
    return this.link ?? this.#last;
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
    while (this.link && (next = this.link.next()) > 0) {
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

  // For the core: a socket that connects.
  connect(url) {
    const { headers, origin, ...request } = this.#request;
    const { Class, connect, counts } = this.#runtime;
    const socket = connect(Class, url, {
      subprotocols: [],
      ...request,
      headers: origin === undefined ? headers : { ...headers, Origin: origin },
    });
    const link = this.link;
    this.wire = new Wire(socket, counts, this.#options.keepAlive?.probe, {
      link,
      receive: (data) => this.#receive(data),
      pong: (payload) => {
        this.#pongs.push(payload);
        link.ponged(payload);
      },
    });
    return this.wire;
  }

  // For the core: its error as one of ours.
  fail(kind, features, text) {
    return errorOf(kind, features, text);
  }

  #receive(data) {
    const { keepAlive } = this.#options;
    const isAnswer = keepAlive ? Boolean(keepAlive.isAnswer(data)) : false;
    const waiting = this.#feeds.size && this.#backlog();
    const arrived = this.#arrived;
    arrived.push(data);
    const length = this.#measure(data);
    switch (this.link.received(length, isAnswer, waiting, !this.#isPumping)) {
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
    return this.link?.flushed() ?? true;
  }

  #unlink() {
    const { link } = this;
    this.#owner.left(link);
    this.#last = { code: link.code, reason: link.reason };
    this.link = undefined;
    for (const feed of this.#feeds) {
      feed.end(this.error);
    }
    this.#feeds.clear();
    // It may be what called us.
    queueMicrotask(() => link.free());
  }

  #notConnected() {
    throw errorOf(2, 0, "not connected");
  }
}

function bits(features) {
  return features.reduce((bits, feature) => bits | (1 << FEATURES.indexOf(feature)), 0);
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
