import { QWebSocketError, UnsupportedError } from "./shell/errors.js";
import { ReconnectingWebSocket } from "./shell/reconnecting.js";
import { QWebSocket } from "./shell/socket.js";

export { init } from "./shell/load.js";
export { features } from "./shell/features.js";
export { reconnecting } from "./shell/reconnecting.js";
export { QWebSocket, QWebSocketError, ReconnectingWebSocket, UnsupportedError };

// Minified, they lose them; logs and debuggers show them.
const classes = { QWebSocket, QWebSocketError, ReconnectingWebSocket, UnsupportedError };
for (const [value, Class] of Object.entries(classes)) {
  Object.defineProperty(Class, "name", { value });
}
