// What options and calls need that not every runtime has.

import { QWebSocketError, UnsupportedError } from "./errors.js";
import { runtimeOf } from "./runtime.js";

const MAX_SIZE = 2 ** 31 - 2;

// The options that need a feature.
const NEEDS = {
  frames: "FRAMES",
  outgoingFrameSize: "OUTGOING_FRAME",
  maxAllowedIncomingFrameSize: "INCOMING_FRAME",
  maskGenerator: "MASKS",
  compression: "COMPRESSION",
  credentials: "AUTHENTICATION",
  proxy: "PROXY",
  redirects: "REDIRECTS",
  readBufferSize: "READ_BUFFER",
  tls: "TLS_CONFIG",
};

// The options that are numbers, with their ranges.
const RANGES = {
  readBufferSize: [1, Infinity],
  receiveQueue: [0, Infinity],
  writeQueue: [0, Infinity],
  maxAllowedIncomingMessageSize: [0, MAX_SIZE],
  openTimeout: [0, Infinity],
  closeTimeout: [0, Infinity],
  firstDelay: [0, Infinity],
  maximumDelay: [0, Infinity],
  attempts: [1, Infinity],
  uptime: [0, Infinity],
  seed: [0, 2 ** 32 - 1],
  queue: [0, Infinity],
};

// Throws for what is missing and is not to be done without.
export function check(options, features, bestEffort) {
  for (const [name, feature] of Object.entries(NEEDS)) {
    if (options[name] && !features.includes(feature) && !bestEffort.includes(feature)) {
      throw new UnsupportedError(feature);
    }
  }
  inRange(options, RANGES);
  if (options.keepAlive) {
    inRange(options.keepAlive, { interval: [1, Infinity], limit: [1, Infinity] });
  }
}

function inRange(options, ranges) {
  for (const [name, [low, high]] of Object.entries(ranges)) {
    const value = options[name];
    if (value !== undefined && !(value >= low && value <= high)) {
      throw new QWebSocketError("InvalidInput", `${name} is out of its range`);
    }
  }
}

export const features = Object.freeze([...runtimeOf({}).features]);
