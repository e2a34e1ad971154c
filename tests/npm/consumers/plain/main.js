import { QWebSocket } from "./node_modules/qwebsocket/index.js";
import { converse } from "./converse.mjs";

document.title = await converse(QWebSocket, new URLSearchParams(location.search).get("server"));
