import { QWebSocket } from "qwebsocket";
import { converse } from "./converse.mjs";

// A script that is no module has no `await` of its own.
const server = new URLSearchParams(location.search).get("server");
converse(QWebSocket, server).then((result) => (document.title = result));
