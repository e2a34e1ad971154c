// What can be sent, how it is counted, and when it is refused.

import { failure, next, same, told, until } from "../tools.mjs";

export async function lengths_are_bytes({ QWebSocket, url, options }) {
  const socket = new QWebSocket(options);
  await socket.open(`${url}/echo`);
  const messages = socket.messages();
  for (const text of ["", "a", "é", "€", "😀", "\ud800", "x".repeat(70_000), "é".repeat(1000)]) {
    const { length } = new TextEncoder().encode(text);
    same(socket.sendTextMessage(text), length);
    same((await messages.next()).value === text.replace("\ud800", "\ufffd"), true);
  }
  socket.abort();
}

export async function binary_data_of_every_kind({ QWebSocket, url, options }) {
  const socket = new QWebSocket(options);
  await socket.open(`${url}/echo`);
  const messages = socket.messages();
  const { buffer } = Uint8Array.of(0, 1, 2, 3, 4, 5, 6, 7);
  for (const [data, expected] of [
    [buffer, [0, 1, 2, 3, 4, 5, 6, 7]],
    [new Uint8Array(buffer, 2, 3), [2, 3, 4]],
    [new Uint16Array(buffer, 2, 2), [2, 3, 4, 5]],
    [new DataView(buffer, 1, 2), [1, 2]],
    [new Uint8Array(), []],
    [new Blob([buffer.slice(4), "A"]), [4, 5, 6, 7, 65]],
    ...shared([1, 2, 3]).map((data) => [data, [1, 2, 3]]),
  ]) {
    same(socket.sendBinaryMessage(data), expected.length);
    const { value } = await messages.next();
    same([value instanceof ArrayBuffer, [...new Uint8Array(value)]], [true, expected]);
  }
  for (const bad of ["text", 1, null, undefined, [1]]) {
    same((await failure(() => socket.sendBinaryMessage(bad))) instanceof TypeError, true);
  }
  socket.abort();
}

function shared(bytes) {
  if (!globalThis.SharedArrayBuffer) {
    return [];
  }
  const buffer = new SharedArrayBuffer(bytes.length);
  const view = new Uint8Array(buffer);
  view.set(bytes);
  return [buffer, view];
}

export async function a_blob_keeps_its_place({ QWebSocket, url, options }) {
  const socket = new QWebSocket(options);
  await socket.open(`${url}/echo`);
  const messages = socket.messages();
  const expected = [];
  for (let round = 0; round < 20; round++) {
    socket.sendTextMessage(`before ${round}`);
    socket.sendBinaryMessage(new Blob(["x".repeat(round * 1000)]));
    socket.sendBinaryMessage(Uint8Array.of(round));
    socket.sendTextMessage(`behind ${round}`);
    expected.push(`before ${round}`, round * 1000, 1, `behind ${round}`);
  }
  const got = [];
  while (got.length < expected.length) {
    const { value } = await messages.next();
    got.push(value.byteLength ?? value);
  }
  same(got, expected);
  socket.abort();
}

export async function a_blob_goes_out_before_the_close_frame(context) {
  const { QWebSocket, url, options } = context;
  const name = Math.random();
  const socket = new QWebSocket(options);
  await socket.open(`${url}/shaky/${name}`);
  socket.sendBinaryMessage(new Blob(["the last one"]));
  socket.close();
  await next(socket, "disconnected");
  same(socket.error, undefined);
  same(await told(context, `${url}/kept/${name}`), ["the last one"]);
}

export async function the_wrong_state({ QWebSocket, url, options }) {
  const socket = new QWebSocket(options);
  const refusal = async () => (await failure(() => socket.sendTextMessage("x"))).kind;
  same(await refusal(), "WrongState");
  same((await failure(() => socket.sendBinaryMessage(new ArrayBuffer(1)))).name, "QWebSocketError");
  const opening = socket.open(`${url}/echo`);
  same(await refusal(), "WrongState");
  await opening;
  same(socket.sendTextMessage("x"), 1);
  socket.close();
  same(await refusal(), "WrongState");
  await next(socket, "disconnected");
  same(await refusal(), "WrongState");
  socket.close();
  socket.abort();
}

export async function close_codes({ QWebSocket, url, options }) {
  const socket = new QWebSocket(options);
  await socket.open(`${url}/echo`);
  for (const code of [0, 999, 1004, 1005, 1006, 1015, 2999, 5000]) {
    same([code, (await failure(() => socket.close(code))).kind], [code, "InvalidInput"]);
  }
  if (socket.supports("CLOSE_CODES")) {
    socket.close(1001, "going");
    await next(socket, "disconnected");
    same([socket.closeCode, socket.closeReason], [1001, "going"]);
  } else {
    same((await failure(() => socket.close(1001))).feature, "CLOSE_CODES");
    same(socket.state, "connected");
    socket.abort();
  }
}

export async function drained_and_written({ QWebSocket, url, options }) {
  const socket = new QWebSocket(options);
  await socket.drained();
  await socket.open(`${url}/echo`);
  let written = 0;
  socket.addEventListener("bytesWritten", ({ bytes }) => (written += bytes));
  let sent = 0;
  for (let index = 0; index < 50; index++) {
    sent += socket.sendBinaryMessage(new Uint8Array(100_000));
  }
  await socket.drained();
  same(socket.bytesToWrite, 0);
  await until(() => written >= sent);
  same(written, sent);
  socket.abort();
  await socket.drained();
}

export async function a_bounded_write_queue({ QWebSocket, url, options }) {
  const socket = new QWebSocket({ ...options, writeQueue: 100_000 });
  await socket.open(`${url}/deaf`);
  // One message always fits.
  same(socket.sendBinaryMessage(new Uint8Array(50_000_000)), 50_000_000);
  same((await failure(() => socket.sendTextMessage("x"))).kind, "QueueFull");
  const drained = socket.drained();
  socket.abort();
  await drained;
}

export async function ping({ QWebSocket, url, options }) {
  const socket = new QWebSocket(options);
  if (!socket.supports("PING")) {
    await socket.open(`${url}/echo`);
    const error = await failure(() => socket.ping());
    same([error.kind, error.feature, error.name], ["Unsupported", "PING", "UnsupportedError"]);
    socket.abort();
    return;
  }
  same((await failure(() => socket.ping())).kind, "WrongState");
  await socket.open(`${url}/echo`);
  same((await failure(() => socket.ping("x".repeat(126)))).kind, "InvalidInput");
  const pong = next(socket, "pong");
  socket.ping("once");
  const { elapsed, payload } = await pong;
  same([elapsed >= 0 && elapsed < 5000, new TextDecoder().decode(payload)], [true, "once"]);
  socket.abort();
}
