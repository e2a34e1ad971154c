import { QWebSocket } from "qwebsocket";
import { converse } from "./converse.mjs";

console.log(await converse(QWebSocket, Deno.args[0]));
