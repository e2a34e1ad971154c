// What a page does that its browser freezes: one connection it closes in that moment, one it has back.

import { QWebSocket } from "./node_modules/qwebsocket/index.js";
import { reconnecting } from "./node_modules/qwebsocket/reconnecting.js";

const server = new URLSearchParams(location.search).get("server");
const socket = new QWebSocket();
await socket.open(`${server}/closed`);
document.addEventListener("freeze", () => socket.close(4001, "frozen"));

// So long that only what the page hears makes an attempt.
const LONG = 1_000_000;
const back = reconnecting(`${server}/back`, { firstDelay: LONG, maximumDelay: LONG, seed: 1 });
back.send("connected");
