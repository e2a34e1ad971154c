// What every consumer does with the class, wherever it runs: it echoes text and binary data.

const TEXT = "grüß Gott €😀";
const BYTES = Uint8Array.of(0xca, 0xfe, 0);

/** Returns `echoed`, or else what went wrong. */
export async function converse(QWebSocket, url, options) {
  const socket = new QWebSocket(options);
  try {
    await socket.open(url);
    const messages = socket.messages();
    same(socket.sendTextMessage(TEXT), 19);
    same((await messages.next()).value, TEXT);
    same(socket.sendBinaryMessage(BYTES), BYTES.length);
    same(String(new Uint8Array((await messages.next()).value)), String(BYTES));
    const disconnected = new Promise((resolve) => (socket.ondisconnected = resolve));
    socket.close(1000, "bye");
    await disconnected;
    same(socket.closeCode, 1000);
    return "echoed";
  } catch (error) {
    socket.abort();
    return error.stack;
  }
}

function same(actual, expected) {
  if (actual !== expected) {
    throw new Error(`${actual} instead of ${expected}`);
  }
}
