// A program for React Native, whose Hermes has no WebAssembly.

import { QWebSocket } from "qwebsocket";
import { reconnecting } from "qwebsocket/reconnecting";
import { typed } from "qwebsocket/typed";

async function told(open) {
  try {
    await open();
    return "connected";
  } catch ({ kind, message }) {
    return `${kind}: ${message}`;
  }
}

async function main() {
  const socket = new QWebSocket();
  typed(socket);
  console.log(await told(() => socket.open("ws://127.0.0.1/")));
  console.log(await told(() => reconnecting("ws://127.0.0.1/")));
}

main();
