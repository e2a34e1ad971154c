// Classes of the platform's shape.

import { webSocket, type StandardClass, type WebSocketOptions } from "qwebsocket/websocket";

import { exactly } from "./exactly.js";

exactly<typeof WebSocket>()(webSocket());
exactly<typeof WebSocket>()(webSocket({ openTimeout: 1000, headers: { "X-Client": "example" } }));
const options: WebSocketOptions = { reconnecting: true, attempts: 3, queue: 1000 };
const Class: StandardClass = webSocket(options);
const socket: WebSocket = new Class(new URL("ws://localhost/"), ["chat"]);
socket.onmessage = ({ data }: MessageEvent) => data;

// @ts-expect-error: one connection makes no attempts
webSocket({ attempts: 3 });
// @ts-expect-error: the subprotocols are the constructor's
webSocket({ reconnecting: true, subprotocols: ["chat"] });
