// What a runtime has works, and what it lacks is said by name.

import { failure, next, same } from "../tools.mjs";

const OPTIONS = {
  frames: ["FRAMES", true],
  outgoingFrameSize: ["OUTGOING_FRAME", 1000],
  maxAllowedIncomingFrameSize: ["INCOMING_FRAME", 1000],
  maskGenerator: ["MASKS", () => 1],
  compression: ["COMPRESSION", true],
  credentials: ["AUTHENTICATION", { user: "u", password: "p" }],
  proxy: ["PROXY", "http://127.0.0.1"],
  redirects: ["REDIRECTS", 3],
};

export async function options_that_no_runtime_has({ QWebSocket, UnsupportedError, reconnecting, url, options }) {
  for (const [name, [feature, value]] of Object.entries(OPTIONS)) {
    const all = { ...options, [name]: value };
    for (const make of [() => new QWebSocket(all), () => reconnecting(url, all)]) {
      const error = await failure(make);
      same([error instanceof UnsupportedError, error.feature, error.kind], [true, feature, "Unsupported"]);
      same(error.message.includes(feature), true);
    }
    same(new QWebSocket({ ...all, bestEffort: [feature] }).supports(feature), false);
  }
}

export async function sizes_and_times_out_of_range({ QWebSocket, options }) {
  for (const bad of [
    { readBufferSize: 0, bestEffort: ["READ_BUFFER"] },
    { receiveQueue: -1 },
    { writeQueue: NaN },
    { maxAllowedIncomingMessageSize: 2 ** 31 },
    { openTimeout: -1 },
    { keepAlive: { interval: 0, probe: "", isAnswer: () => true } },
  ]) {
    same((await failure(() => new QWebSocket({ ...options, ...bad }))).kind, "InvalidInput");
  }
}

export async function features_are_listed({ QWebSocket, features, options }) {
  const socket = new QWebSocket(options);
  same(socket.features.every((feature) => socket.supports(feature)), true);
  same([socket.supports("SERVER"), Object.isFrozen(socket.features)], [false, true]);
  if (!options.webSocket && !options.stream) {
    same(socket.features, features);
  }
}

export async function headers({ QWebSocket, url, options }) {
  const socket = new QWebSocket(options);
  const open = (request) => socket.open(`${url}/headers`, request);
  if (!socket.supports("HEADERS")) {
    same((await failure(() => open({ headers: { "X-Own": "1" } }))).feature, "HEADERS");
    same((await failure(() => open({ origin: "http://own" }))).feature, "ORIGIN");
    const willing = new QWebSocket({ ...options, bestEffort: ["HEADERS", "ORIGIN"] });
    await willing.open(`${url}/headers`, { headers: { "X-Own": "1" }, origin: "http://own" });
    willing.abort();
    return;
  }
  const messages = socket.messages();
  await open({ headers: { "X-Own": "1", Cookie: "a=b" }, origin: "http://own" });
  const told = JSON.parse((await messages.next()).value);
  same([told["x-own"], told.cookie, told.origin], ["1", "a=b", "http://own"]);
  socket.abort();
  for (const headers of [{ Upgrade: "h2c" }, { "sec-websocket-key": "x" }, { "a b": "c" }, { a: "b\r\nc: d" }]) {
    same((await failure(() => open({ headers }))).kind, "InvalidInput");
  }
}

export async function tls_options({ QWebSocket, url, options }) {
  const socket = new QWebSocket(options);
  if (socket.supports("TLS_CONFIG")) {
    return; // Tested against a server with TLS, outside of browsers.
  }
  same((await failure(() => socket.open(`${url}/echo`, { tls: {} }))).feature, "TLS_CONFIG");
}

export async function a_keep_alive({ QWebSocket, url, options }) {
  const keepAlive = { interval: 30, probe: "there?", isAnswer: (message) => message === "there?" };
  let socket = new QWebSocket({ ...options, keepAlive });
  await socket.open(`${url}/echo`);
  const heard = [];
  socket.ontextMessageReceived = ({ message }) => heard.push(message);
  await new Promise((resolve) => setTimeout(resolve, 200));
  same([socket.state, heard], ["connected", []]);
  socket.sendTextMessage("mine");
  await next(socket, "textMessageReceived");
  socket.abort();

  socket = new QWebSocket({ ...options, keepAlive: { ...keepAlive, limit: 60 } });
  await socket.open(`${url}/deaf`);
  await next(socket, "disconnected");
  same([socket.error.kind, socket.closeCode], ["TimedOut", 1006]);
}
