// The core's bits and numbers, by their names and in its order.

import type { Feature, State } from "./types.js";

const NAMES =
  "PING FRAMES OUTGOING_FRAME INCOMING_FRAME MASKS HEADERS ORIGIN CLOSE_CODES READ_BUFFER ADDRESSES SERVER TLS_CONFIG TLS_ERRORS TLS_INTERRUPTION TLS_ALERTS PRE_SHARED_KEY AUTHENTICATION PROXY COMPRESSION TLS_INFO PARTS REDIRECTS OWN_STREAM TLS_CIPHERS TLS_CHAIN TLS_SESSIONS TLS_KEY_LOG ENCRYPTED_KEY CLIENT_CERTIFICATES ALPN";

export const STATES: readonly State[] = ["unconnected", "connecting", "connected", "closing"];

/** Events, by the numbers that the core tells them with; it tells both kinds of messages as one. */
export const SIGNALS: readonly (string | undefined)[] = [
  undefined,
  "stateChanged",
  "connected",
  "aboutToClose",
  "disconnected",
  "readChannelFinished",
  "message",
  "bytesWritten",
  "errorOccurred",
  "pong",
  "attempt",
  "attemptFailed",
  "waiting",
  "offline",
  "ended",
  "dropped",
  "givenUp",
];

/** Where the events begin that only a connection that comes back has. */
const AGAIN = 10;

/** The types of the events that every socket tells, and those of one that comes back only. */
export function signalTypes(comesBack: boolean): readonly string[] {
  return comesBack
    ? (SIGNALS.slice(AGAIN) as string[])
    : (SIGNALS.slice(1, AGAIN) as string[]).flatMap((type) =>
        type == "message" ? ["textMessageReceived", "binaryMessageReceived"] : type,
      );
}

export function featureNames(): readonly Feature[] {
  return NAMES.split(" ") as Feature[];
}

/** Features as the core's bits. */
export function bitsOf(features: Iterable<Feature>): number {
  const names = featureNames();
  let bits = 0;
  // There are more of them than a number has bits for `|`.
  for (const feature of new Set(features)) {
    const index = names.indexOf(feature);
    bits += index < 0 ? 0 : 2 ** index;
  }
  return bits;
}

/** The feature of the highest bit. */
export function featureOf(bits: number): Feature | undefined {
  return featureNames()[Math.floor(Math.log2(bits))];
}
