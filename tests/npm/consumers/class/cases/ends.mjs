// Gone when it is gone, and nothing lost on the way: greetings, late answers, calls after the end.

import { failure, next, same, silent, sleep, story, told, until } from "../tools.mjs";

const SOON = { firstDelay: 5, maximumDelay: 20 };

export async function a_server_that_greets_first_is_heard({ QWebSocket, url, options }) {
  const connected = async () => {
    const socket = new QWebSocket(options);
    await socket.open(`${url}/greeting`);
    return socket;
  };
  for (let turn = 0; turn < 20; turn++) {
    const socket = new QWebSocket(options);
    await socket.open(`${url}/greeting`);
    const one = await Promise.race([socket.messages().next(), sleep(500)]);
    socket.abort();
    const other = await connected();
    const two = await Promise.race([other.messages().next(), sleep(500)]);
    other.abort();
    const third = await connected();
    const three = await Promise.race([next(third, "textMessageReceived"), sleep(500)]);
    third.abort();
    same([one?.value, two?.value, three?.message], ["hello", "hello", "hello"]);
  }
}

export async function what_waits_is_the_next_iterators({ QWebSocket, url, options }) {
  const socket = new QWebSocket(options);
  await socket.open(`${url}/echo`);
  const waiting = socket.messages();
  socket.sendTextMessage("burst 5");
  await next(socket, "textMessageReceived", ({ message }) => message === "4");
  for await (const message of waiting) {
    if (message === "1") {
      break;
    }
  }
  const rest = socket.messages();
  same((await rest.next()).value, "2");
  await rest.return();
  socket.sendTextMessage("drop");
  await next(socket, "disconnected");
  // The end is left to the next one, too; not that of the next connection.
  const last = socket.messages();
  same([(await last.next()).value, (await last.next()).value], ["3", "4"]);
  same((await failure(() => last.next())).kind, "RemoteClosed");
  const other = socket.messages();
  await socket.open(`${url}/greeting`);
  same((await other.next()).value, "hello");
  socket.abort();
}

export async function what_is_given_up_is_gone(context) {
  const { QWebSocket, reconnecting, url, options } = context;
  if (!canEnd(context)) {
    return;
  }
  const name = Math.random();
  const socket = new QWebSocket({ ...options, closeTimeout: 100 });
  for (const how of ["abort", "close"]) {
    await socket.open(`${url}/endless/${name}`);
    const over = next(socket, "disconnected");
    socket[how]();
    await over;
  }
  await socket.open(`${url}/endless/${name}`);
  const again = reconnecting(`${url}/endless/${name}`, { ...options, ...SOON });
  await next(again, "connected");
  again.abort();
  socket.abort();
  await until(async () => {
    const { ended, all } = await told(context, `${url}/ended/${name}`);
    return ended === 4 && all === 4;
  });
}

/** Browsers let nobody end a connection. */
function canEnd({ QWebSocket, options }) {
  return !options.stream && new QWebSocket(options).features.length > 0;
}

export async function abort_sends_nothing_more(context) {
  const { QWebSocket, url, options } = context;
  const name = Math.random();
  const socket = new QWebSocket(options);
  await socket.open(`${url}/shaky/${name}`);
  socket.sendBinaryMessage(new Blob([new Uint8Array(3_000_000)]));
  socket.sendTextMessage("delete everything");
  socket.abort();
  await sleep(200);
  same(await told(context, `${url}/kept/${name}`), []);
}

export async function a_late_target_is_ignored({ reconnecting, url, options }) {
  for (const how of ["close", "abort"]) {
    for (const end of ["resolve", "reject"]) {
      let settle;
      const token = new Promise((resolve, reject) => (settle = { resolve, reject }));
      const socket = reconnecting(() => token, { ...options, ...SOON });
      await next(socket, "attempt");
      const words = story(socket, ["attempt", "attemptFailed", "connected", "givenUp", "ended"]);
      socket[how]();
      settle[end](end === "resolve" ? `${url}/echo` : new Error("no token"));
      await sleep(30);
      same([socket.state, words], ["unconnected", []]);
      // It begins anew, with another answer.
      socket.reconnectNow();
      await next(socket, end === "resolve" ? "connected" : "attemptFailed");
      socket.abort();
    }
  }
}

export async function calls_after_the_end_do_nothing({ reconnecting, url, options }) {
  const controller = new AbortController();
  const between = {
    nothing: () => {},
    close: (it) => it.close(),
    abort: (it) => it.abort(),
    acknowledge: (it) => it.acknowledge(5),
    setOnline: (it) => it.setOnline(false),
    signal: () => controller.abort(),
  };
  for (const call of Object.values(between)) {
    const socket = reconnecting(`${url}/echo`, { ...options, ...SOON, signal: controller.signal });
    await next(socket, "connected");
    const ended = next(socket, "ended");
    socket.close();
    await ended;
    await sleep(5);
    call(socket);
    socket.reconnectNow();
    await next(socket, "connected");
    const last = next(socket, "ended");
    socket.close();
    await last;
  }
}

export async function a_signal_keeps_nobody({ QWebSocket, reconnecting, url, options }) {
  const { signal } = new AbortController();
  let count = 0;
  const { addEventListener, removeEventListener } = signal;
  signal.addEventListener = function (...all) {
    count++;
    return addEventListener.apply(this, all);
  };
  signal.removeEventListener = function (...all) {
    count--;
    return removeEventListener.apply(this, all);
  };
  const socket = new QWebSocket(options);
  const listener = () => {};
  socket.addEventListener("pong", listener, { signal });
  socket.removeEventListener("pong", listener);
  socket.addEventListener("connected", listener, { signal, once: true });
  await socket.open(`${url}/echo`, { signal });
  socket.abort();
  await socket.open(`${url}/refuse`, { signal }).catch(() => {});
  socket.open(silent(url), { signal });
  socket.abort();
  const over = reconnecting(`${url}/refuse`, { ...options, ...SOON, attempts: 1, signal });
  await next(over, "givenUp");
  const closed = reconnecting(`${url}/echo`, { ...options, ...SOON, signal });
  await next(closed, "connected");
  const ended = next(closed, "ended");
  closed.close();
  await ended;
  await sleep(5);
  same(count, 0);
}

export async function drained_comes_with_the_next_task({ QWebSocket, url, options }) {
  const socket = new QWebSocket(options);
  await socket.open(`${url}/echo`);
  const messages = socket.messages();
  const times = [];
  for (let turn = 0; turn < 15; turn++) {
    socket.sendTextMessage("hello");
    const begin = performance.now();
    await socket.drained();
    times.push(performance.now() - begin);
    await messages.next();
  }
  times.sort((a, b) => a - b);
  same([times[7] < 3.5, times[7]], [true, times[7]]);
  socket.abort();
}
