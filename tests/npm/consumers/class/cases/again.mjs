// Connections that come back.

import { AGAIN, failure, next, reported, same, sleep, story, told, until } from "../tools.mjs";

const SOON = { firstDelay: 5, maximumDelay: 20 };

export async function it_comes_back({ reconnecting, url, options }) {
  const attempts = [];
  const target = (attempt) => {
    attempts.push(attempt);
    return attempts.length === 2 ? `${url}/refuse` : Promise.resolve({ url: `${url}/echo/${attempt}` });
  };
  const socket = reconnecting(target, { ...options, ...SOON, greeting: () => ["hello"] });
  const words = story(socket, [...AGAIN, "textMessageReceived"]);
  const messages = socket.messages();
  same([socket.state, socket.send("one"), socket.send("two"), socket.unwritten], ["unconnected", 0, 1, 2]);
  same([(await messages.next()).value, (await messages.next()).value], ["hello", "one"]);
  await messages.next();
  socket.acknowledge(1);
  same(socket.send("drop"), 2);
  same((await messages.next()).value, "hello");
  same(socket.resourceName, "/echo/3");
  socket.close(3000, "enough");
  same(await messages.next(), { done: true });
  same(words, [
    "attempt 1",
    ...["hello", "one", "two"].map((text) => `textMessageReceived ${text}`),
    "ended 2,3",
    "waiting 2",
    "attempt 2",
    "attemptFailed Connection",
    "waiting 3",
    "attempt 3",
    "textMessageReceived hello",
    "ended 3,3",
  ]);
  same([attempts, socket.closeCode, socket.unwritten], [[1, 2, 3], 3000, 0]);
}

export async function nothing_is_lost_or_doubled(context) {
  const { reconnecting, url, options } = context;
  const name = Math.random();
  // A connection that is dropped while a WebSocketStream writes crashes the page in Chromium 156, without
  // this package too.
  const server = options.stream ? "tired" : "shaky";
  const socket = reconnecting(`${url}/${server}/${name}`, { ...options, ...SOON, attempts: 1000 });
  const unknown = new Set();
  socket.addEventListener("ended", ({ unknown: [from, to] }) => {
    for (let number = from; number < to; number++) {
      unknown.add(number);
    }
  });
  for (let number = 0; number < 200; number++) {
    same(socket.send(`${number}`), number);
    if (number % 4 === 0) {
      await sleep(2);
    }
  }
  await until(() => socket.unwritten === 0);
  const events = socket.events();
  socket.close();
  for await (const _ of events);

  const kept = (await told(context, `${url}/kept/${name}`)).map(Number);
  same(kept, [...new Set(kept)].sort((a, b) => a - b));
  for (let number = 0; number < 200; number++) {
    same([number, kept.includes(number) || unknown.has(number)], [number, true]);
  }
}

export async function it_gives_up({ reconnecting, url, options }) {
  const socket = reconnecting(`${url}/refuse`, { ...options, ...SOON, attempts: 3 });
  const words = story(socket, AGAIN);
  const all = socket.events();
  socket.send("never sent");
  await next(socket, "givenUp");
  same(words.filter((word) => !word.startsWith("waiting")), [
    ...[1, 2, 3].flatMap((attempt) => [`attempt ${attempt}`, "attemptFailed Connection"]),
    "givenUp 3",
  ]);
  await until(() => socket.unwritten === 1);
  same((await failure(() => socket.send("x"))).kind, "WrongState");
  same(socket.takeUnsent(), [[0, "never sent"]]);
  let count = 0;
  for await (const { type } of all) {
    count += type === "attempt";
  }
  same(count, 3);
  const again = next(socket, "givenUp");
  socket.reconnectNow();
  same(socket.send("second"), 1);
  await again;
  same(words.filter((word) => word.startsWith("attempt ")).length, 6);
}

export async function what_it_is_told_decides({ reconnecting, url, options }) {
  const endings = [];
  const decide = (ending) => {
    endings.push([ending.wasConnected, ending.error?.kind ?? null, ending.closeCode]);
    return ["retry", { retryAfter: 1 }, "giveUp"][endings.length - 1];
  };
  const socket = reconnecting(`${url}/echo`, { ...options, ...SOON, decide });
  for (const text of ["close 1000", "drop", "close 4000"]) {
    await next(socket, "connected");
    socket.send(text);
  }
  await next(socket, "givenUp");
  same(endings, [
    [true, null, 1000],
    [true, "RemoteClosed", 1006],
    [true, null, 4000],
  ]);

  const byItself = reconnecting(`${url}/echo`, { ...options, ...SOON });
  await next(byItself, "connected");
  byItself.send("close 1000");
  await next(byItself, "givenUp");
}

export async function a_target_that_cannot_be_used_is_given_up({ reconnecting, url, options }) {
  for (const [target, kind] of [
    ["http://127.0.0.1", "InvalidInput"],
    [{ url: `${url}/echo`, subprotocols: ["a b"] }, "InvalidInput"],
    [
      () => {
        throw new Error("no token");
      },
      "Connection",
    ],
  ]) {
    const socket = reconnecting(target, { ...options, ...SOON, attempts: 1 });
    const over = next(socket, "givenUp");
    const { error } = await next(socket, "attemptFailed");
    same(error.kind, kind);
    await over;
  }
}

export async function a_bounded_queue({ reconnecting, url, options }) {
  const refusing = reconnecting(`${url}/refuse`, { ...options, queue: 80 });
  await next(refusing, "waiting");
  same([refusing.send("12345678"), refusing.send("12345678")], [0, 1]);
  same((await failure(() => refusing.send("x"))).kind, "QueueFull");
  refusing.abort();
  same(refusing.unwritten, 2);

  const dropping = reconnecting(`${url}/refuse`, { ...options, queue: 80, whenFull: "dropOldest" });
  await next(dropping, "waiting");
  const words = story(dropping, ["dropped"]);
  for (const text of ["a", "b", "c", "d"]) {
    dropping.send(text);
  }
  same(words, ["dropped a", "dropped b"]);
  dropping.abort();
  same(dropping.takeUnsent(), [
    [2, "c"],
    [3, "d"],
  ]);
}

export async function attempts_stop_while_it_is_offline({ reconnecting, url, options }) {
  const socket = reconnecting(`${url}/echo`, { ...options, ...SOON });
  const words = story(socket, AGAIN);
  socket.setOnline(false);
  await next(socket, "offline");
  await sleep(30);
  same([words, socket.state], [["offline"], "unconnected"]);
  socket.setOnline(true);
  await next(socket, "connected");
  socket.abort();
  same(words.slice(0, 2), ["offline", "attempt 1"]);
}

export async function a_signal_ends_it({ reconnecting, url, options }) {
  const controller = new AbortController();
  const socket = reconnecting(`${url}/echo`, { ...options, signal: controller.signal });
  await next(socket, "connected");
  const over = next(socket, "ended");
  controller.abort();
  await over;
  const messages = reconnecting(`${url}/echo`, { ...options, signal: AbortSignal.abort() }).messages();
  same(await messages.next(), { done: true });
}

const LONG = 1_000_000;

/** A connection that waits for so long that nothing but what is told makes an attempt. */
async function waits({ reconnecting, url, options }) {
  const delays = { firstDelay: LONG, maximumDelay: LONG, seed: 1 };
  const socket = reconnecting(`${url}/refuse`, { ...options, ...delays });
  const { delay } = await next(socket, "waiting");
  same(delay > 1_000 && delay < LONG, true);
  return socket;
}

/** Makes an attempt, and returns how long the next one waits. */
async function attempt(socket, number, tell) {
  const [attempt, waiting] = [next(socket, "attempt"), next(socket, "waiting")];
  tell();
  same((await attempt).attempt, number);
  return (await waiting).delay;
}

export async function it_listens_to_the_network_where_the_runtime_tells_of_it(context) {
  const socket = await waits(context);
  const tell = (type) => globalThis.dispatchEvent?.(new Event(type));
  if (globalThis.dispatchEvent) {
    await attempt(socket, 2, () => tell("pageshow"));
    tell("offline");
    same(await attempt(socket, 3, () => socket.reconnectNow()), LONG);
    // In the same second as `pageshow`, and not lost for that.
    same((await attempt(socket, 4, () => tell("online"))) < LONG, true);
  }
  socket.abort();
  const words = story(socket, AGAIN);
  tell("online");
  await sleep(0);
  same([socket.state, words], ["unconnected", []]);
}

export async function it_listens_to_its_page_where_there_is_one(context) {
  const socket = await waits(context);
  const { document } = globalThis;
  if (document) {
    const begin = performance.now();
    await attempt(socket, 2, () => dispatchEvent(new Event("pageshow")));
    // Heard though they do not bubble; each attempt comes a second behind the one before.
    for (const [number, type] of [[3, "visibilitychange"], [4, "resume"]]) {
      await attempt(socket, number, () => document.dispatchEvent(new Event(type)));
    }
    same(performance.now() - begin >= 2000, true);
    const words = story(socket, AGAIN);
    Object.defineProperty(document, "visibilityState", { value: "hidden", configurable: true });
    document.dispatchEvent(new Event("visibilitychange"));
    await sleep(0);
    delete document.visibilityState;
    same(words, []);
  }
  socket.abort();
}

export async function functions_that_call_back_or_throw({ reconnecting, ReconnectingWebSocket, url, options }) {
  const socket = reconnecting(`${url}/echo`, {
    ...options,
    ...SOON,
    greeting: (self) => {
      self.send("from within");
      return [self.state, Uint8Array.of(1, 2)];
    },
  });
  const messages = socket.messages();
  same((await messages.next()).value, "connected");
  same((await messages.next()).value.byteLength, 2);
  // What a function sends goes out behind what it returns.
  same((await messages.next()).value, "from within");
  socket.abort();
  same((await failure(() => new ReconnectingWebSocket())) instanceof TypeError, true);
}

export async function what_is_no_message_is_refused_or_reported({ reconnecting, url, options }) {
  const reports = reported();
  const socket = reconnecting(`${url}/echo`, { ...options, ...SOON, greeting: () => ["lost", null] });
  await next(socket, "connected");
  same((await failure(() => socket.send(null))) instanceof TypeError, true);
  same(socket.send("sent"), 0);
  const { value } = await socket.messages().next();
  await sleep(10);
  same([value, reports.end().length], ["sent", 1]);
  socket.abort();
}
