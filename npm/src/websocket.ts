// The entry `qwebsocket/websocket`: classes of the shape of the platform's `WebSocket`.

import { QWebSocket, reconnecting } from "./reconnecting.js";
import { again, once } from "./standard/connection.js";
import type {
  AgainOptions,
  OnceOptions,
  StandardClass,
  WebSocketOptions,
} from "./standard/options.js";
import { refuseNone } from "./standard/request.js";
import { shape } from "./standard/shape.js";
import { StandardWebSocket } from "./standard/socket.js";

export type {
  AgainOptions,
  CloseInit,
  OnceOptions,
  StandardClass,
  StandardLike,
  WebSocketOptions,
} from "./standard/options.js";

/**
 * Makes a class of the shape of the platform's `WebSocket`, over the engine and with the options of
 * `QWebSocket`: for libraries that take a class.
 *
 * With `reconnecting: true` its objects connect again, by the rules of `reconnecting`: `open` is told for
 * each connection, `error` for each that failed, and `close` for each that has ended; `readyState` is
 * `CONNECTING` then, until there is another. Behind the last one, and after `close()`, it is `CLOSED`. What
 * is sent meanwhile waits, in the bound of `queue`.
 *
 * `send` throws a `QWebSocketError` `QueueFull` where a bound of the options says so, which the platform
 * has none of. `close()` without a code sends 1000.
 *
 * @throws as the constructors of the options do.
 * @example
 * ```ts
 * const webSocketImpl = webSocket({ openTimeout: 5_000, reconnecting: true });
 * const client = createClient({ url: "wss://example.com/graphql", webSocketImpl });
 * ```
 */
export function webSocket(options: WebSocketOptions = {}): StandardClass {
  const { reconnecting: comesBack, ...others } = options;
  const connect = comesBack
    ? again(reconnecting, others as AgainOptions)
    : once(QWebSocket, others as OnceOptions);
  class WebSocket extends StandardWebSocket {
    // The same when the code is minified.
    static override readonly name: string = "WebSocket";

    constructor(url: unknown, protocols: unknown = []) {
      refuseNone("WebSocket", arguments.length);
      super(connect, url, protocols);
    }
  }
  shape(WebSocket as unknown as typeof StandardWebSocket);
  return WebSocket as unknown as StandardClass;
}
