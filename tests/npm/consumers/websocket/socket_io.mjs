// socket.io: an event with its answer and bytes, and a connection that it makes again.

import { webSocket } from "qwebsocket/websocket";
import { io, WebSocket as Transport } from "socket.io-client";

const [url] = process.argv.slice(2);
const Class = webSocket({ openTimeout: 10_000 });

class Ours extends Transport {
  createSocket(url, protocols) {
    // What it asks for in Node only the class of ws has.
    this.socket.binaryType = "arraybuffer";
    return new Class(url, protocols);
  }
}

const socket = io(url, { transports: [Ours], reconnectionDelay: 10 });
const answer = await socket.emitWithAck("echo", "grüß Gott", Uint8Array.of(0xca, 0xfe));
console.log(answer[0], new Uint8Array(answer[1]).join(" "));

const lost = new Promise((resolve) => socket.once("disconnect", resolve));
socket.emit("drop");
console.log(await lost);
await new Promise((resolve) => socket.once("connect", resolve));
console.log((await socket.emitWithAck("echo", "again"))[0]);

const ended = new Promise((resolve) => socket.once("disconnect", resolve));
socket.disconnect();
console.log(await ended);
