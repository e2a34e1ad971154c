import { QWebSocket } from "./node_modules/qwebsocket/index.js";
import { converse } from "./converse.mjs";

console.log(await converse(QWebSocket, Deno.args[0]));
