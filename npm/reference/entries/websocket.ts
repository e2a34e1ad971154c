// The entry, by its name.

/**
 * Classes of the shape of the platform's `WebSocket`.
 *
 * @module qwebsocket/websocket
 */

export * from "../../src/websocket.js";
