const { QWebSocket } = require("qwebsocket");
const { WebSocket } = require("ws");
const { converse } = require("./converse.mjs");

const [url, isHandedIn] = process.argv.slice(2);
converse(QWebSocket, url, isHandedIn && { webSocket: WebSocket }).then(console.log);
