// partysocket over our class: a connection that it makes again, and what it kept meanwhile.

import { WebSocket as PartySocket } from "partysocket";
import { webSocket } from "qwebsocket/websocket";

const [url] = process.argv.slice(2);
const socket = new PartySocket(`${url}/echo`, ["chat"], {
  WebSocket: webSocket({ openTimeout: 10_000 }),
  minReconnectionDelay: 1,
  maxReconnectionDelay: 10,
});
const next = (type) =>
  new Promise((resolve) => socket.addEventListener(type, resolve, { once: true }));

socket.send("kept");
console.log((await next("message")).data, socket.protocol);

socket.binaryType = "arraybuffer";
socket.send(Uint8Array.of(0xca, 0xfe));
console.log(new Uint8Array((await next("message")).data).join(" "));

const lost = next("close");
socket.send("drop");
console.log((await lost).type);
socket.send("again");
console.log((await next("message")).data);

const closed = next("close");
socket.close(3001, "bye");
const { code, reason, wasClean } = await closed;
console.log(code, reason, wasClean, socket.readyState);
