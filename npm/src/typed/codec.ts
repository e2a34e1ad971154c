// What values are as messages: JSON, or whatever an application makes of them.

import { coding } from "../platform.js";
import type { Received, Sendable } from "../types.js";

/** Makes messages of values, and values of messages. Both may throw. */
export interface Codec<In, Out> {
  /** Makes a message of a value. What it throws, `send` throws. */
  encode(value: Out): Sendable;
  /** Makes a value of a message. What it throws, the event `malformed` tells. */
  decode(message: Received): In;
}

/**
 * Values as JSON texts; a binary message is read as UTF-8. `decode` checks no more than that it is
 * JSON: what `In` says of its content a schema can hold.
 *
 * @throws `encode` a `TypeError` for what JSON has no text for, `decode` a `SyntaxError` for what is
 * no JSON and a `TypeError` for what is no UTF-8.
 */
export function json<In = unknown, Out = In>(): Codec<In, Out> {
  const { TextDecoder } = coding();
  const decoder = new TextDecoder("utf-8", { fatal: true });
  return {
    encode(value) {
      const text = JSON.stringify(value) as string | undefined;
      if (text === undefined) {
        throw new TypeError(`JSON has no text for this: ${typeof value}`);
      }
      return text;
    },
    decode: (message) =>
      JSON.parse(typeof message == "string" ? message : decoder.decode(message)) as In,
  };
}
