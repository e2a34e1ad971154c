// The `EventTarget`, and whose listeners are left.

import { next, reported, same, silent, sleep, story } from "../tools.mjs";

async function echoing({ QWebSocket, url, options }) {
  const socket = new QWebSocket(options);
  await socket.open(`${url}/echo`);
  return socket;
}

async function echo(socket, text) {
  const heard = next(socket, "textMessageReceived");
  socket.sendTextMessage(text);
  return heard;
}

export async function an_event_has_the_interface_of_one(context) {
  const socket = await echoing(context);
  same(socket instanceof EventTarget, true);
  let inside;
  socket.addEventListener("textMessageReceived", function (event) {
    inside = [this === socket, event.target === socket, event.currentTarget === socket];
  });
  const event = await echo(socket, "hello");
  same(inside, [true, true, true]);
  const { type, message, bubbles, cancelable, defaultPrevented, eventPhase } = event;
  same(
    [type, message, bubbles, cancelable, defaultPrevented, eventPhase],
    ["textMessageReceived", "hello", false, false, false, 2],
  );
  same([event instanceof Event, event.composedPath()[0] === socket], [true, true]);
  same(Math.abs(event.timeStamp - performance.now()) < 5000, true);
  event.preventDefault();
  event.stopPropagation();
  socket.abort();
}

export async function listeners_are_those_of_the_dom(context) {
  const socket = await echoing(context);
  const heard = [];
  const twice = () => heard.push("twice");
  const controller = new AbortController();
  const type = "textMessageReceived";
  socket.addEventListener(type, twice);
  socket.addEventListener(type, twice);
  socket.addEventListener(type, () => heard.push("once"), { once: true });
  socket.addEventListener(type, () => heard.push("signal"), { signal: controller.signal });
  socket.addEventListener(type, () => heard.push("never"), { signal: AbortSignal.abort() });
  socket.addEventListener(type, { handleEvent: ({ message }) => heard.push(message) });
  socket.addEventListener(type, null);
  const later = () => heard.push("later");
  const removed = () => heard.push("removed");
  socket.addEventListener(type, () => {
    socket.addEventListener(type, later);
    socket.removeEventListener(type, removed);
  });
  socket.addEventListener(type, removed);
  await echo(socket, "1");
  same(heard, ["twice", "once", "signal", "1"]);

  heard.length = 0;
  controller.abort();
  socket.removeEventListener(type, twice);
  await echo(socket, "2");
  same(heard, ["2", "later"]);
  socket.abort();
}

export async function stopping_and_failing_listeners(context) {
  const socket = await echoing(context);
  const heard = [];
  const type = "textMessageReceived";
  const reports = reported();
  socket.addEventListener(type, () => {
    throw new Error("on purpose");
  });
  socket.addEventListener(type, (event) => {
    heard.push("first");
    if (event.message === "stop") {
      event.stopImmediatePropagation();
    }
  });
  socket.addEventListener(type, () => heard.push("second"));
  await new Promise((resolve) => {
    socket.addEventListener("binaryMessageReceived", resolve);
    socket.sendTextMessage("stop");
    socket.sendTextMessage("go on");
    socket.sendBinaryMessage(new Uint8Array(1));
  });
  same(heard, ["first", "first", "second"]);
  await sleep(10);
  same(reports.end(), ["on purpose", "on purpose"]);
  socket.abort();
}

export async function handlers_keep_their_place(context) {
  const socket = await echoing(context);
  same([socket.ontextMessageReceived, "onpong" in socket], [null, true]);
  const heard = [];
  socket.ontextMessageReceived = () => heard.push("handler");
  socket.addEventListener("textMessageReceived", () => heard.push("listener"));
  const other = function () {
    heard.push(this === socket && "other");
  };
  socket.ontextMessageReceived = other;
  same(socket.ontextMessageReceived === other, true);
  await echo(socket, "1");
  same(heard, ["other", "listener"]);
  socket.ontextMessageReceived = null;
  await echo(socket, "2");
  same(heard, ["other", "listener", "listener"]);
  socket.ontextMessageReceived = "no function";
  same(socket.ontextMessageReceived, null);
  socket.abort();
}

export async function events_of_others_reach_the_same_listeners({ QWebSocket }) {
  const socket = new QWebSocket();
  const heard = [];
  socket.addEventListener("connected", (event) => heard.push([event.type, event.target === socket]));
  socket.addEventListener("custom", (event) => heard.push([event.type, event.constructor === Event]));
  socket.dispatchEvent(new Event("connected"));
  socket.dispatchEvent(new Event("custom"));
  same(heard, [
    ["connected", true],
    ["custom", true],
  ]);
}

export async function no_listener_is_left({ QWebSocket, url, options }) {
  if (options.stream) {
    return;
  }
  const Class = options.webSocket ?? WebSocket;
  const counts = new Map();
  class Counting extends Class {
    addEventListener(...all) {
      counts.set(this, (counts.get(this) ?? 0) + 1);
      super.addEventListener(...all);
    }
    removeEventListener(...all) {
      counts.set(this, counts.get(this) - 1);
      super.removeEventListener(...all);
    }
  }
  const ends = {
    close: (socket) => socket.close(),
    abort: (socket) => socket.abort(),
    drop: (socket) => socket.sendTextMessage("drop"),
    peer: (socket) => socket.sendTextMessage("close 1000"),
    again: (socket) => socket.open(`${url}/echo`).then(() => socket.abort()),
  };
  for (const end of Object.values(ends)) {
    const socket = new QWebSocket({ ...options, webSocket: Counting });
    const over = next(socket, "disconnected");
    await socket.open(`${url}/echo`);
    end(socket);
    await over;
    await sleep(50);
  }
  const refused = new QWebSocket({ ...options, webSocket: Counting });
  await refused.open(`${url}/refuse`).catch(() => {});
  const given = new QWebSocket({ ...options, webSocket: Counting });
  given.open(silent(url));
  given.abort();
  same([counts.size, [...counts.values()].filter((count) => count !== 0)], [8, []]);
}

export async function nobody_has_to_look_at_the_promise({ QWebSocket, url, options }) {
  const socket = new QWebSocket(options);
  const words = story(socket, ["errorOccurred", "disconnected"]);
  socket.open(`${url}/refuse`);
  await next(socket, "disconnected");
  socket.open(silent(url));
  socket.abort();
  await sleep(20);
  // An unhandled rejection fails the whole run.
  same(words, ["errorOccurred Connection", "disconnected", "disconnected"]);
}
