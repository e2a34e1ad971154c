// What a socket and a connection that comes back have in common.

import { SignalTarget } from "./signals.js";

export const isMessage = (feed, event, message) =>
  message === undefined || feed.push(message, lengthOf(message));

const isEvent = (feed, event, message = "") => feed.push(event, lengthOf(message));

// Of what waits, roughly: a unit of UTF-16 is a byte at least.
const lengthOf = (message) => message.byteLength ?? message.length;

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
    return this.#engine.link?.buffered ?? 0;
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
    return this.#engine.feed(isEvent);
  }
  messages() {
    return this.#engine.feed(isMessage);
  }
  [Symbol.asyncIterator]() {
    return this.messages();
  }
}
