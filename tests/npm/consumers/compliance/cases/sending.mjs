// Messages: websockets/Send-*, interfaces/WebSocket/send and bufferedAmount.

import { closed, echo, list, next, opened, same, throws } from "../tools.mjs";

/** Echoes, and checks what comes back. */
const echoes =
  (data, expected = data) =>
  async (Class, server) => {
    const socket = await opened(Class, `${server}/echo`);
    same(await echo(socket, data), expected);
    same((await closed(socket)).wasClean, true);
  };

const echoesBytes = (make, expected) => async (Class, server) => {
  const socket = await opened(Class, `${server}/echo`);
  socket.binaryType = "arraybuffer";
  same(list(await echo(socket, make())), expected);
  await closed(socket);
};

const BYTES = Uint8Array.from({ length: 16 }, (_, index) => index);
const LARGE = 65_000;

export const SENDING = {
  "Send-0byte-data.any.js": echoes(""),
  "Send-data.any.js": echoes("Message to send"),
  "Send-65K-data.any.js": echoes("c".repeat(LARGE)),
  "Send-unicode-data.any.js": echoes("¥¥¥¥¥¥"),
  "Send-paired-surrogates.any.js": echoes("\ud801\udc07"),
  "Send-Unpaired-Surrogates.any.js": echoes("\ud807", "\ufffd"),
  "Send-null.any.js": echoes(null, "null"),
  "interfaces/WebSocket/send/006.html": echoes(
    "a\udc00xb\ud800xc\udc00\ud800x",
    "a\ufffdxb\ufffdxc\ufffd\ufffdx",
  ),
  "interfaces/WebSocket/send/011.html": echoes(undefined, "undefined"),
  "interfaces/WebSocket/send/010.html": echoes({ toString: () => "an object" }, "an object"),
  "Send-binary-blob.any.js": async (Class, server) => {
    const socket = await opened(Class, `${server}/echo`);
    const data = await echo(socket, new Blob([BYTES]));
    same(data instanceof Blob, true);
    same(list(await data.arrayBuffer()), BYTES.join(" "));
    await closed(socket);
  },
  "Send-binary-arraybuffer.any.js": echoesBytes(() => BYTES.buffer, BYTES.join(" ")),
  "Send-binary-65K-arraybuffer.any.js": echoesBytes(
    () => new ArrayBuffer(LARGE),
    Array(LARGE).fill(0).join(" "),
  ),
  "Send-binary-arraybufferview-int8.any.js": echoesBytes(
    () => new Int8Array(BYTES.buffer),
    BYTES.join(" "),
  ),
  "Send-binary-arraybufferview-int16-offset.any.js": echoesBytes(
    () => new Int16Array(BYTES.buffer, 2),
    BYTES.subarray(2).join(" "),
  ),
  "Secure-Send-binary-arraybufferview-uint8-offset-length.any.js": echoesBytes(
    () => new Uint8Array(BYTES.buffer, 2, 4),
    BYTES.subarray(2, 6).join(" "),
  ),
  "Secure-Send-binary-arraybufferview-float64.any.js": echoesBytes(
    () => new Float64Array(BYTES.buffer),
    BYTES.join(" "),
  ),
  "extended-payload-length.any.js": async (Class, server) => {
    const socket = await opened(Class, `${server}/echo`);
    for (const length of [125, 126, 65_535, 65_536]) {
      same((await echo(socket, "x".repeat(length))).length, length);
    }
    await closed(socket);
  },
  "Send-before-open.any.js": (Class, server) => {
    const socket = new Class(`${server}/echo`);
    throws("InvalidStateError", () => socket.send("Message to send"));
  },
  "interfaces/WebSocket/send/001.html": async (Class, server) => {
    throws("TypeError", () => new Class(`${server}/echo`).send());
    const socket = await opened(Class, `${server}/echo`);
    throws("TypeError", () => socket.send());
    await closed(socket);
  },
  "interfaces/WebSocket/send/002.html": (Class, server) => {
    const socket = new Class(`${server}/echo`);
    socket.send = 5;
    same(socket.send, 5);
  },
  "interfaces/WebSocket/send/007.html": async (Class, server) => {
    const socket = await opened(Class, `${server}/echo`);
    socket.close();
    same(socket.send("test"), undefined);
    await next(socket, "close", "error", "message");
  },
  "interfaces/WebSocket/bufferedAmount/bufferedAmount-getting.html": async (Class, server) => {
    const socket = await opened(Class, `${server}/echo`);
    let sent = 0;
    for (const [index, text] of ["x", "\u00e5", "\u5336", "\ud801\udc7e"].entries()) {
      socket.send(text);
      sent += index + 1;
      same(socket.bufferedAmount, sent);
    }
    while ((await next(socket, "message")).data !== "\ud801\udc7e");
    same(socket.bufferedAmount, 0);
    await closed(socket);
  },
  "interfaces/WebSocket/bufferedAmount/bufferedAmount-blob.html": async (Class, server) => {
    const socket = await opened(Class, `${server}/echo`);
    const message = next(socket, "message");
    socket.send(new Blob(["x".repeat(15)]));
    same(socket.bufferedAmount, 15);
    await message;
    same(socket.bufferedAmount, 0);
    await closed(socket);
  },
  "interfaces/WebSocket/bufferedAmount/bufferedAmount-deleting.html": (Class, server) => {
    const socket = new Class(`${server}/echo`);
    delete socket.bufferedAmount;
    same(socket.bufferedAmount, 0);
  },
};
