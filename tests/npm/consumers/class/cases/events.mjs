// States and the order of events.

import { failure, next, same, silent, sleep, story } from "../tools.mjs";

const OPEN = ["stateChanged connecting", "stateChanged connected", "connected"];
const END = ["stateChanged unconnected", "readChannelFinished", "disconnected"];
const CLOSING = ["aboutToClose", "stateChanged closing"];

export async function success_and_own_close({ QWebSocket, url, options }) {
  const socket = new QWebSocket(options);
  const words = story(socket);
  same([socket.state, socket.isValid, socket.closeCode, socket.version], ["unconnected", false, undefined, 13]);
  const opening = socket.open(`${url}/echo/a?b=c`, { subprotocols: ["x", "y"] });
  await opening;
  same([socket.state, socket.isValid, socket.subprotocol], ["connected", true, "x"]);
  same(
    [socket.requestUrl, socket.resourceName, socket.peerName],
    [`${url}/echo/a?b=c`, "/echo/a?b=c", "127.0.0.1"],
  );
  const messages = socket.messages();
  socket.sendTextMessage("hello");
  await messages.next();
  socket.close(3001, "bye");
  same(socket.state, "closing");
  await next(socket, "disconnected");
  same(words, [...OPEN, "textMessageReceived hello", ...CLOSING, ...END]);
  same([socket.state, socket.closeCode, socket.closeReason], ["unconnected", 3001, "bye"]);
  same([socket.error, socket.errorString], [undefined, ""]);
}

export async function a_refused_handshake({ QWebSocket, QWebSocketError, url, options }) {
  const socket = new QWebSocket(options);
  const words = story(socket);
  const told = next(socket, "errorOccurred");
  const error = await failure(() => socket.open(`${url}/refuse`));
  same(error instanceof QWebSocketError && error instanceof Error, true);
  same([error.kind, error === (await told).error, socket.error === error], ["Connection", true, true]);
  same(socket.errorString, error.message);
  same(words, [OPEN[0], "errorOccurred Connection", "stateChanged unconnected", "disconnected"]);
}

export async function the_peers_close({ QWebSocket, url, options }) {
  const socket = new QWebSocket(options);
  await socket.open(`${url}/echo`);
  const words = story(socket);
  socket.sendTextMessage("close 1012 again");
  await next(socket, "disconnected");
  same(words, [...CLOSING, ...END]);
  same([socket.closeCode, socket.closeReason, socket.error], [1012, "again", undefined]);
}

export async function a_dropped_connection({ QWebSocket, url, options }) {
  const socket = new QWebSocket(options);
  await socket.open(`${url}/echo`);
  const words = story(socket);
  socket.sendTextMessage("drop");
  await next(socket, "disconnected");
  same(words, ["errorOccurred RemoteClosed", ...END]);
  same([socket.closeCode, socket.error.kind], [1006, "RemoteClosed"]);
}

export async function abort_while_connected({ QWebSocket, url, options }) {
  const socket = new QWebSocket(options);
  await socket.open(`${url}/echo`);
  const words = story(socket);
  socket.sendTextMessage("lost or not");
  socket.abort();
  socket.abort();
  same(words, ["aboutToClose", ...END]);
  same([socket.state, socket.closeCode, socket.bytesToWrite], ["unconnected", 1006, 0]);
}

export async function abort_and_close_while_connecting({ QWebSocket, url, options }) {
  for (const end of ["abort", "close"]) {
    const socket = new QWebSocket(options);
    const words = story(socket);
    const opening = failure(() => socket.open(silent(url)));
    same(socket.state, "connecting");
    socket[end]();
    same((await opening).name, "AbortError");
    same(words, [OPEN[0], "aboutToClose", ...END]);
  }
}

export async function a_signal_aborts_the_attempt_only({ QWebSocket, url, options }) {
  const socket = new QWebSocket(options);
  const words = story(socket);
  const reason = new Error("enough");
  same((await failure(() => socket.open(`${url}/echo`, { signal: AbortSignal.abort(reason) }))) === reason, true);
  same(words, []);

  let controller = new AbortController();
  const opening = failure(() => socket.open(silent(url), { signal: controller.signal }));
  controller.abort(reason);
  same((await opening) === reason, true);
  same(words, [OPEN[0], "aboutToClose", ...END]);

  controller = new AbortController();
  await socket.open(`${url}/echo`, { signal: controller.signal });
  controller.abort();
  await sleep(20);
  same(socket.state, "connected");
  socket.abort();
}

export async function a_request_that_cannot_be_used_changes_nothing({ QWebSocket, url, options }) {
  const socket = new QWebSocket(options);
  await socket.open(`${url}/echo`);
  const words = story(socket);
  for (const [bad, options] of [
    ["http://127.0.0.1/"],
    ["echo"],
    [`${url}/#fragment`],
    [`${url}/%0d%0a`],
    [`${url}/echo`, { subprotocols: ["a", "a"] }],
    [`${url}/echo`, { subprotocols: ["a b"] }],
    [`${url}/echo`, { subprotocols: ["a\nb"] }],
    [`${url}/echo`, { subprotocols: [""] }],
  ]) {
    same([bad, (await failure(() => socket.open(bad, options))).kind], [bad, "InvalidInput"]);
  }
  same([socket.state, words], ["connected", []]);
  const { feature } = await failure(() => socket.open(url.replace("//", "//user:password@")));
  same(feature, "AUTHENTICATION");
  socket.abort();
}

export async function open_while_connected_ends_the_old_connection_first({ QWebSocket, url, options }) {
  const socket = new QWebSocket(options);
  await socket.open(`${url}/echo`);
  const words = story(socket);
  const opening = socket.open(new URL(`${url}/echo/second`));
  await opening;
  same(words, [...CLOSING, ...END, ...OPEN]);
  same(socket.resourceName, "/echo/second");
  socket.abort();
}

export async function open_again_in_a_listener({ QWebSocket, url, options }) {
  const socket = new QWebSocket(options);
  await socket.open(`${url}/echo`);
  socket.addEventListener("disconnected", () => socket.open(`${url}/echo`), { once: true });
  const words = story(socket);
  socket.abort();
  await next(socket, "connected");
  same(words, ["aboutToClose", ...END, ...OPEN]);
  same([socket.closeCode, socket.closeReason, socket.error], [undefined, "", undefined]);
  socket.abort();
}

export async function an_open_that_is_replaced_is_given_up({ QWebSocket, url, options }) {
  const socket = new QWebSocket(options);
  const first = failure(() => socket.open(silent(url)));
  await socket.open(`${url}/echo`);
  same((await first).name, "AbortError");
  same(socket.state, "connected");
  socket.abort();
}

export async function last_words_go_in_front_of_the_close_frame({ QWebSocket, url, options }) {
  const socket = new QWebSocket(options);
  await socket.open(`${url}/echo`);
  let refused;
  socket.onaboutToClose = () => {
    socket.sendTextMessage("close 3333 from-the-listener");
  };
  socket.addEventListener("stateChanged", async () => {
    refused ??= await failure(() => socket.sendTextMessage("too late"));
  });
  socket.close(3000);
  await next(socket, "disconnected");
  same([refused.kind, socket.state], ["WrongState", "unconnected"]);
}

export async function what_follows_from_a_listener_is_told_to_all_later({ QWebSocket, url, options }) {
  const socket = new QWebSocket(options);
  const seen = [];
  socket.addEventListener("connected", () => {
    socket.close();
    seen.push("first");
  });
  socket.addEventListener("aboutToClose", () => seen.push("aboutToClose"));
  socket.addEventListener("connected", () => seen.push("second"));
  await socket.open(`${url}/echo`);
  await next(socket, "disconnected");
  same(seen, ["first", "second", "aboutToClose"]);
}

export async function messages_over_the_limit({ QWebSocket, url, options }) {
  for (const [fits, tooLarge] of [
    ["abc", "abcd"],
    ["aé", "éé"],
    [new Uint8Array(3), new Uint8Array(4)],
  ]) {
    const socket = new QWebSocket({ ...options, maxAllowedIncomingMessageSize: 3 });
    await socket.open(`${url}/echo`);
    const words = story(socket);
    const send = (data) =>
      typeof data === "string" ? socket.sendTextMessage(data) : socket.sendBinaryMessage(data);
    send(fits);
    send(tooLarge);
    send(fits);
    await next(socket, "disconnected");
    same(words.slice(1), ["errorOccurred TooLarge", ...CLOSING, ...END]);
    same(socket.closeCode, 4009);
  }
}

export async function time_limits({ QWebSocket, url, options }) {
  const hasty = new QWebSocket({ ...options, openTimeout: 50 });
  const failed = story(hasty);
  same((await failure(() => hasty.open(silent(url)))).kind, "TimedOut");
  same(failed, [OPEN[0], "errorOccurred TimedOut", "stateChanged unconnected", "disconnected"]);

  const socket = new QWebSocket({ ...options, closeTimeout: 50 });
  await socket.open(`${url}/deaf`);
  const words = story(socket);
  socket.close(3002, "nobody hears it");
  await next(socket, "disconnected");
  same(words, [...CLOSING, ...END]);
  same([socket.closeCode, socket.closeReason], [3002, "nobody hears it"]);
}

export async function a_reason_is_cut_between_characters({ QWebSocket, url, options }) {
  const socket = new QWebSocket(options);
  await socket.open(`${url}/echo`);
  socket.close(3000, "é".repeat(100));
  await next(socket, "disconnected");
  same(socket.closeReason, "é".repeat(61));
}

export async function disposing_closes({ QWebSocket, url, options }) {
  const socket = new QWebSocket(options);
  await socket.open(`${url}/echo`);
  const words = story(socket);
  await socket[Symbol.asyncDispose]();
  same(words, [...CLOSING, ...END]);

  await socket.open(`${url}/echo`);
  socket[Symbol.dispose]();
  same(socket.state, "closing");
  await next(socket, "disconnected");
  same(socket.closeCode, 1000);
}
