// What a test of an application does with a server in memory and the fake timers of its runner, which are
// installed; `pass` lets so many milliseconds of them pass.

const MINUTE = 60_000;
const KEEP_ALIVE = { interval: MINUTE, limit: MINUTE, probe: "there?", isAnswer: () => false };

/** What {@link passesByFakeTimers} returns. */
export const PASSED = { failure: "TimedOut", probe: "there?", kept: "kept", code: 1000 };

/** An attempt takes too long; then a peer is silent, and the connection comes back. */
export async function passesByFakeTimers(reconnecting, MemoryServer, pass) {
  const server = new MemoryServer({ accept: ({ url }) => !url.endsWith("/busy") || new Promise(() => {}) });
  const connect = (url, options) => reconnecting(url, { webSocket: server.WebSocket, ...options });

  const busy = connect("ws://test/busy", { openTimeout: MINUTE, attempts: 1 });
  const failed = told(busy, "attemptFailed");
  await pass(2 * MINUTE);
  const { error } = await failed;

  const socket = connect("ws://test/", { keepAlive: KEEP_ALIVE });
  const waiting = told(socket, "waiting");
  await pass(MINUTE + 1_000);
  const first = await server.next();
  const probe = await first.next();
  await pass(MINUTE);
  const { delay } = await waiting;
  socket.send("kept");
  await pass(delay + 1_000);
  const second = await server.next();
  const kept = await second.next();
  socket.close();
  const { code } = await second.closed;
  return { failure: error.kind, probe, kept, code };
}

function told(socket, type) {
  return new Promise((resolve) => socket.addEventListener(type, resolve, { once: true }));
}
