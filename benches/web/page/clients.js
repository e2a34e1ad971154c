// The libraries. Each does `count` times what `shape` says: the milliseconds that it took.

import initRust, { measure } from "bench";
import PartySocket from "partysocket/ws";
import { QWebSocket } from "qwebsocket";
import { reconnecting } from "qwebsocket/reconnecting";
import ReconnectingWebSocket from "reconnecting-websocket";

import { measureScript, openOurs, openReconnecting, openSocket, openTaking } from "./script_clients.js";

await initRust();

export const CLIENTS = {
  raw: measureScript((url) => openSocket(new WebSocket(url))),
  "ours, JavaScript": measureScript((url) => openOurs(new QWebSocket(), url)),
  "ours, for await": measureScript((url) => openTaking(new QWebSocket(), url)),
  "ours, again": measureScript((url) => openReconnecting(reconnecting(url, { queue: Infinity }))),
  partysocket: measureScript((url) => openSocket(new PartySocket(url))),
  "reconnecting-websocket": measureScript((url) => openSocket(new ReconnectingWebSocket(url))),
  "ours, Rust": (...work) => measureRust("qwebsocket", ...work),
  "gloo-net": (...work) => measureRust("gloo-net", ...work),
  ws_stream_wasm: (...work) => measureRust("ws_stream_wasm", ...work),
};

function measureRust(library, shape, url, payload, count) {
  const isText = typeof payload == "string";
  const text = isText ? payload : "x".repeat(payload.length);
  return measure(library, shape, url, isText, text, count);
}
