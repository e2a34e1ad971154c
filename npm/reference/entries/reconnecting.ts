// The entry, with its class as one.

/**
 * Connections that come back, and the same class.
 *
 * @module qwebsocket/reconnecting
 */

export { QWebSocket } from "../../src/sockets/qwebsocket.js";
export * from "../../src/reconnecting.js";
