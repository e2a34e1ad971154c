// The entry, by its name.

/**
 * Values instead of messages.
 *
 * @module qwebsocket/typed
 */

export * from "../../src/typed.js";
