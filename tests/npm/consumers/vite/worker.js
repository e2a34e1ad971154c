import { QWebSocket } from "qwebsocket";
import { converse } from "./converse.mjs";

onmessage = async ({ data: url }) => postMessage(await converse(QWebSocket, url));
