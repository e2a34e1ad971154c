// The entry, by its name.

/**
 * Servers for tests.
 *
 * @module qwebsocket/testing
 */

export * from "../../src/testing.js";
