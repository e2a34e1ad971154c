import { QWebSocket } from "qwebsocket";
import { converse } from "./converse.mjs";

console.log(await converse(QWebSocket, process.argv[2]));
