import { init, QWebSocket } from "qwebsocket";
import wasm from "qwebsocket/wasm";
import { converse } from "./converse.mjs";

await init(new URL(wasm, import.meta.url));
document.title = await converse(QWebSocket, new URLSearchParams(location.search).get("server"));
