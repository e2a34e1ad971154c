// A server that does what the path says, or what it is told by a text.

import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";

import { require } from "./tools.mjs";

const { WebSocketServer } = require("ws");

const GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
const PIECE = 65_536;

function answerTo(request) {
  const key = request.headers["sec-websocket-key"];
  const accept = createHash("sha1").update(key + GUID).digest("base64");
  return (
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
    `Sec-WebSocket-Accept: ${accept}\r\n\r\n`
  );
}

/** A frame of at most 65,535 bytes. */
function frame(opcode, data) {
  const payload = Buffer.from(data);
  const { length } = payload;
  const head = length < 126 ? [length] : [126, length >> 8, length & 255];
  return Buffer.concat([Buffer.from([0x80 | opcode, ...head]), payload]);
}

/**
 * | path | |
 * |---|---|
 * | `/echo` | echoes; the texts `close <code> <reason>` and `drop` end it, `burst <count>` sends numbers |
 * | `/headers` | tells the headers of the request, then echoes |
 * | `/refuse` | answers 404 |
 * | `/deaf` | reads nothing behind the opening handshake |
 * | `/flood/<name>` | sends 64 MiB in messages of 64 KiB, whose first two bytes count them |
 * | `/flooded/<name>` | tells how many of them it could send |
 * | `/shaky/<name>` | keeps the texts, and drops every connection after a few |
 * | `/tired/<name>` | the same, with a close frame |
 * | `/kept/<name>` | tells these texts, as JSON |
 * | `/greeting` | says `hello` in the same packet as the answer to the handshake, then nothing |
 * | `/endless/<name>` | sends without an end, reads nothing, and never ends the connection |
 * | `/ended/<name>` | tells how many connections of that name have ended, of how many |
 */
export class ScriptedServer {
  #http = createServer((request, response) => response.writeHead(404).end());
  #sockets = new WebSocketServer({
    noServer: true,
    handleProtocols: (names) => [...names][0],
  });
  // At an address of its own it does not answer the opening handshake: Firefox makes one connection
  // to an address at a time, and may go on with one that was closed meanwhile.
  #silent = createServer().on("upgrade", () => {});
  #flooded = new Map();
  #kept = new Map();
  #endless = new Map();

  static async start() {
    const server = new ScriptedServer();
    server.#http.on("upgrade", (...upgrade) => server.#upgrade(...upgrade));
    server.#http.listen(0, "127.0.0.1");
    await once(server.#http, "listening");
    server.#silent.listen(server.#http.address().port, "127.0.0.2");
    await once(server.#silent, "listening");
    return server;
  }

  get url() {
    return `ws://127.0.0.1:${this.#http.address().port}`;
  }

  stop() {
    this.#sockets.clients.forEach((socket) => socket.terminate());
    this.#http.close().closeAllConnections();
    this.#silent.close().closeAllConnections();
  }

  #upgrade(request, tcp, head) {
    tcp.on("error", () => {});
    const [, action, name] = request.url.split("/");
    if (action === "refuse") {
      tcp.end("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
      return;
    }
    if (action === "deaf") {
      tcp.pause();
      tcp.write(answerTo(request));
      return;
    }
    if (action === "greeting") {
      tcp.write(Buffer.concat([Buffer.from(answerTo(request)), frame(1, "hello")]));
      return;
    }
    if (action === "endless") {
      this.#endlessly(tcp, name, request);
      return;
    }
    this.#sockets.handleUpgrade(request, tcp, head, (socket) => {
      socket.on("error", () => {});
      this[`_${action}`](socket, name, request);
    });
  }

  #endlessly(tcp, name, request) {
    const count = this.#endless.get(name) ?? { ended: 0, all: 0 };
    this.#endless.set(name, count);
    count.all++;
    tcp.on("close", () => count.ended++);
    // What the client sends is read, and not answered.
    tcp.resume();
    tcp.write(answerTo(request));
    const piece = frame(2, Buffer.alloc(PIECE - 1));
    const flood = () => {
      while (!tcp.destroyed && tcp.write(piece));
    };
    tcp.on("drain", flood);
    flood();
  }

  _ended(socket, name) {
    socket.send(JSON.stringify(this.#endless.get(name)));
  }

  _echo(socket) {
    socket.on("message", (data, binary) => {
      const [word, count, reason] = binary ? [] : data.toString().split(" ");
      if (word === "close") {
        socket.close(Number(count), reason);
      } else if (word === "drop") {
        socket.terminate();
      } else if (word === "burst") {
        for (let number = 0; number < count; number++) {
          socket.send(`${number}`);
        }
      } else {
        socket.send(data, { binary });
      }
    });
  }

  _headers(socket, _, { headers }) {
    socket.send(JSON.stringify(headers));
    this._echo(socket);
  }

  _flood(socket, name) {
    let number = 0;
    const send = () => {
      while (number < 1024 && socket.bufferedAmount < 4 * PIECE) {
        const piece = Buffer.alloc(PIECE);
        piece.writeUInt16LE(number++);
        socket.send(piece);
      }
      this.#flooded.set(name, number);
      if (number < 1024) {
        setTimeout(send, 1);
      }
    };
    send();
  }

  _flooded(socket, name) {
    socket.send(`${this.#flooded.get(name)}`);
  }

  _shaky(socket, name) {
    this.#keep(socket, name, () => socket.terminate());
  }

  _tired(socket, name) {
    this.#keep(socket, name, () => {
      socket.removeAllListeners("message");
      socket.close(1012);
    });
  }

  #keep(socket, name, end) {
    const kept = this.#kept.get(name) ?? [];
    this.#kept.set(name, kept);
    let left = 3 + (kept.length % 4);
    socket.on("message", (data) => {
      kept.push(data.toString());
      if (--left === 0) {
        end();
      }
    });
  }

  _kept(socket, name) {
    socket.send(JSON.stringify(this.#kept.get(name) ?? []));
  }
}
