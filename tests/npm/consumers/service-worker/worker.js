import { QWebSocket } from "./node_modules/qwebsocket/index.js";
import { converse } from "./converse.mjs";

async function answer({ data: url, source }) {
  source.postMessage(await converse(QWebSocket, url));
}

onmessage = (event) => event.waitUntil(answer(event));
