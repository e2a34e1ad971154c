import { QWebSocket } from "qwebsocket";
import { WebSocket } from "ws";
import { converse } from "./converse.mjs";

const [url, isHandedIn] = process.argv.slice(2);
console.log(await converse(QWebSocket, url, isHandedIn && { webSocket: WebSocket }));
