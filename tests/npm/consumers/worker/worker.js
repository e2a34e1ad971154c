import { QWebSocket } from "./node_modules/qwebsocket/index.js";
import { converse } from "./converse.mjs";

onmessage = async ({ data: url }) => postMessage(await converse(QWebSocket, url));
