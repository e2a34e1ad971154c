import { QWebSocket } from "qwebsocket";
import { converse } from "./converse.mjs";

document.title = await converse(QWebSocket, new URLSearchParams(location.search).get("server"));
