// What WebIDL makes of the members of a class (§3.7), and the syntax of classes does not.

import { CLOSED, CLOSING, CONNECTING, OPEN, StandardWebSocket } from "./socket.js";

const CONSTANTS = { CONNECTING, OPEN, CLOSING, CLOSED };

/** Gives `Class` the constants and the name, and lists what it inherits as its own. */
export function shape(Class: typeof StandardWebSocket): void {
  const { prototype } = Class;
  for (const [name, value] of Object.entries(CONSTANTS)) {
    Object.defineProperty(Class, name, { value, enumerable: true });
    Object.defineProperty(prototype, name, { value, enumerable: true });
  }
  const { constructor: _, ...members } = Object.getOwnPropertyDescriptors(
    StandardWebSocket.prototype,
  );
  for (const [name, member] of Object.entries(members)) {
    Object.defineProperty(prototype, name, { ...member, enumerable: true });
  }
  Object.defineProperty(prototype, Symbol.toStringTag, { value: "WebSocket", configurable: true });
}
