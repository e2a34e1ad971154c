// A program for React Native, whose Hermes needs the core in JavaScript.

import { QWebSocket } from "qwebsocket/js";
import { converse } from "./converse.mjs";

converse(QWebSocket, globalThis.server).then((told) => console.log(told));
