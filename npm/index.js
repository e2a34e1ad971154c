export { init } from "./shell/core.js";
export { QWebSocketError, UnsupportedError } from "./shell/errors.js";
export { features } from "./shell/features.js";
export { ReconnectingWebSocket, reconnecting } from "./shell/reconnecting.js";
export { QWebSocket } from "./shell/socket.js";
