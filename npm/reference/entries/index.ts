// The entry, with its class as one.

/**
 * One connection after the other.
 *
 * @module qwebsocket
 */

export { QWebSocket } from "../../src/sockets/qwebsocket.js";
export * from "../../src/index.js";
