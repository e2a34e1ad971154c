// The libraries. Each does `count` times what `shape` says: the milliseconds that it took.

import initRust, { measure } from "bench";
import PartySocket from "partysocket/ws";
import { QWebSocket } from "qwebsocket";

await initRust();

export const CLIENTS = {
  raw: (...work) => measureScript(openRaw, ...work),
  "ours, JavaScript": (...work) => measureScript(openOurs, ...work),
  partysocket: (...work) => measureScript(openPartySocket, ...work),
  "ours, Rust": (...work) => measureRust("qwebsocket", ...work),
  "gloo-net": (...work) => measureRust("gloo-net", ...work),
  ws_stream_wasm: (...work) => measureRust("ws_stream_wasm", ...work),
};

function measureRust(library, shape, url, payload, count) {
  const isText = typeof payload == "string";
  const text = isText ? payload : "x".repeat(payload.length);
  return measure(library, shape, url, isText, text, count);
}

/** `open` resolves to `{ send, close, hear }`: `hear` is given what hears each message. */
async function measureScript(open, shape, url, payload, count) {
  const { send, close, hear } = await open(url);
  const started = performance.now();
  await new Promise((resolve) => {
    let left = shape == "send" ? 1 : count;
    switch (shape) {
      case "receive":
        hear(() => --left || resolve());
        send("");
        break;
      case "send":
        hear(resolve);
        for (let sent = 0; sent < count; sent++) {
          send(payload);
        }
        break;
      case "round trip":
        hear(() => (--left ? send(payload) : resolve()));
        send(payload);
        break;
    }
  });
  const ended = performance.now();
  close();
  return ended - started;
}

const openRaw = (url) => openSocket(new WebSocket(url));

const openPartySocket = (url) => openSocket(new PartySocket(url));

function openSocket(socket) {
  socket.binaryType = "arraybuffer";
  return new Promise((resolve, reject) => {
    socket.onerror = () => reject(new Error("no connection"));
    socket.onopen = () =>
      resolve({
        send: (payload) => socket.send(payload),
        close: () => socket.close(),
        hear: (listener) => (socket.onmessage = ({ data }) => listener(data)),
      });
  });
}

async function openOurs(url) {
  const socket = new QWebSocket();
  await socket.open(url);
  return {
    send: (payload) =>
      typeof payload == "string"
        ? socket.sendTextMessage(payload)
        : socket.sendBinaryMessage(payload),
    close: () => socket.close(),
    hear: (listener) => {
      socket.ontextMessageReceived = ({ message }) => listener(message);
      socket.onbinaryMessageReceived = ({ message }) => listener(message);
    },
  };
}
