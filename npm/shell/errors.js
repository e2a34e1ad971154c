import { FEATURES } from "./names.js";

// In the order of the core's numbers. The core tells a text where it knows more.
const KINDS = {
  InvalidInput: "invalid input",
  Unsupported: "unsupported",
  WrongState: "wrong state",
  QueueFull: "the queue is full",
  TimedOut: "timed out",
  Connection: "connection failed",
  TooLarge: "too large",
  RemoteClosed: "the remote host closed the connection",
};

export class QWebSocketError extends Error {
  constructor(kind, message) {
    super(message || KINDS[kind]);
    this.kind = kind;
  }
}
QWebSocketError.prototype.name = "QWebSocketError";

export class UnsupportedError extends QWebSocketError {
  constructor(feature) {
    super("Unsupported", `not supported by this runtime: ${feature}`);
    this.feature = feature;
  }
}
UnsupportedError.prototype.name = "UnsupportedError";

// The core's error; features are bits.
export function errorOf(kind, features, text) {
  return features
    ? new UnsupportedError(FEATURES[Math.floor(Math.log2(features))])
    : new QWebSocketError(Object.keys(KINDS)[kind], text);
}

export function givenUp() {
  return new DOMException("the attempt was given up", "AbortError");
}
