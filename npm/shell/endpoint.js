// What a socket and a connection that comes back have in common.

import { EventFeed, MessageFeed } from "./feed.js";
import { SignalTarget } from "./signals.js";

export class Endpoint extends SignalTarget {
  #engine;

  use(engine) {
    this.#engine = engine;
  }

  get state() {
    return this.#engine.state;
  }
  get isValid() {
    return this.state == "connected";
  }
  get closeCode() {
    return this.#engine.end.code;
  }
  get closeReason() {
    return this.#engine.end.reason;
  }
  get requestUrl() {
    return this.#engine.wire?.url ?? "";
  }
  get resourceName() {
    const url = this.requestUrl;
    return url && url.slice(new URL(url).origin.length);
  }
  get peerName() {
    const url = this.requestUrl;
    // Of an IPv6 address without its brackets.
    return url && new URL(url).hostname.replace(/^\[|]$/g, "");
  }
  get subprotocol() {
    return this.#engine.wire?.protocol ?? "";
  }
  get extensions() {
    return this.#engine.wire?.extensions ?? "";
  }
  get error() {
    return this.#engine.error;
  }
  get errorString() {
    return this.error?.message ?? "";
  }
  get version() {
    return 13;
  }
  get bytesToWrite() {
    return this.#engine.bytesToWrite;
  }
  get features() {
    return this.#engine.features;
  }

  supports(feature) {
    return this.features.includes(feature);
  }
  drained() {
    return this.#engine.drained();
  }
  ping(payload) {
    this.#engine.ping(payload);
  }
  events() {
    return this.#engine.feed(EventFeed);
  }
  messages() {
    return this.#engine.feed(MessageFeed);
  }
  [Symbol.asyncIterator]() {
    return this.messages();
  }
}

if (Symbol.dispose) {
  Endpoint.prototype[Symbol.dispose] = function () {
    this.close();
  };
  Endpoint.prototype[Symbol.asyncDispose] = async function () {
    const events = this.events();
    this.close();
    if (this.state != "unconnected") {
      for await (const _ of events);
    }
    events.return();
  };
}
