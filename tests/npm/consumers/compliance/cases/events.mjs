// Events: interfaces/WebSocket/events, interfaces/CloseEvent and eventhandlers.

import { closed, next, opened, same } from "../tools.mjs";

const TYPES = ["open", "message", "error", "close"];

const eachHandler = (check) => (Class, server) => {
  const socket = new Class(`${server}/echo`);
  TYPES.forEach((type) => check(socket, `on${type}`, type));
};

/** Opens, echoes, and is dropped by the server: every type of event, with `look` at each. */
async function lives(Class, server, look) {
  const socket = new Class(`${server}/echo`);
  const wrong = [];
  for (const type of TYPES) {
    socket.addEventListener(type, function (event) {
      try {
        look(event, this, socket);
      } catch (error) {
        wrong.push(`${type}: ${error}`);
      }
    });
  }
  await next(socket, "open");
  socket.send("test");
  await next(socket, "message");
  socket.send("drop");
  await next(socket, "close");
  same(wrong.join(), "");
}

const CLASS_OF = { open: "Event", error: "Event", message: "MessageEvent", close: "CloseEvent" };
const STATE_OF = { open: 1, message: 1, error: 3, close: 3 };

export const EVENTS = {
  "interfaces/WebSocket/events/001.html": eachHandler((socket, name) => same(socket[name], null)),
  "interfaces/WebSocket/events/002.html": eachHandler((socket, name) => {
    const handler = () => {};
    socket[name] = handler;
    same(socket[name], handler);
  }),
  "interfaces/WebSocket/events/003.html": eachHandler((socket, name, type) => {
    let detail;
    socket[name] = (event) => (detail = event.detail);
    socket.dispatchEvent(new UIEvent(type, { detail: 5 }));
    same(detail, 5);
  }),
  "interfaces/WebSocket/events/006.html": eachHandler((socket, name) => same(name in socket, true)),
  "interfaces/WebSocket/events/010.html": eachHandler((socket, name) => {
    socket[name] = () => {};
    socket[name] = undefined;
    same(socket[name], null);
  }),
  "interfaces/WebSocket/events/012.html": eachHandler((socket, name) => {
    socket[name] = () => {};
    socket[name] = null;
    same(socket[name], null);
  }),
  "interfaces/WebSocket/events/013.html": eachHandler((socket, name) => {
    // By now an object, called or not (HTML §8.1.8.1, LegacyTreatNonObjectAsNull).
    const handler = { handleEvent() {} };
    socket[name] = handler;
    same(socket[name], handler);
  }),
  "eventhandlers.any.js": eachHandler((socket, name) => {
    socket[name] = () => {};
    socket[name] = 2;
    same(socket[name], null);
  }),
  "interfaces/WebSocket/events/015.html": (Class, server) =>
    lives(Class, server, (event, _, socket) => {
      same(event instanceof globalThis[CLASS_OF[event.type]], true);
      same(socket.readyState, STATE_OF[event.type], event.type);
    }),
  "interfaces/WebSocket/events/016.html": async (Class, server) => {
    const socket = new Class(`${server}/echo`);
    const order = [];
    for (const type of ["open", "message", "close"]) {
      socket.addEventListener(type, () => order.push(`${type} 1`));
      socket[`on${type}`] = () => order.push(`${type} 2`);
      socket.addEventListener(type, () => order.push(`${type} 3`));
    }
    await next(socket, "open");
    socket.send("Goodbye");
    await next(socket, "message");
    await closed(socket);
    const expected = ["open", "message", "close"].flatMap((type) =>
      [1, 2, 3].map((at) => `${type} ${at}`),
    );
    same(order.join(), expected.join());
  },
  "interfaces/WebSocket/events/017.html": (Class, server) =>
    lives(Class, server, (event, receiver, socket) => {
      same(receiver, socket);
      same(event.target, socket);
      same(event.currentTarget, socket);
      same(event.eventPhase, 2);
    }),
  "interfaces/WebSocket/events/018.html": (Class, server) =>
    lives(Class, server, (event) => {
      same(`${event}`, `[object ${CLASS_OF[event.type]}]`);
      same(event.bubbles, false);
      same(event.cancelable, false);
    }),
  "interfaces/WebSocket/events/019.html": (Class, server) => {
    const socket = new Class(`${server}/echo`);
    let count = 0;
    const listener = () => count++;
    for (const type of TYPES) {
      socket.addEventListener(type, listener);
      socket.removeEventListener(type, listener);
      socket.dispatchEvent(new Event(type));
    }
    same(count, 0);
  },
  "interfaces/WebSocket/events/020.html": async (Class) => {
    const error = await next(new Class("ws://example.invalid/"), "error", "open");
    same(error instanceof Event, true);
  },
  "interfaces/CloseEvent/clean-close.html": async (Class, server) => {
    const socket = await opened(Class, `${server}/echo`);
    socket.send("Test");
    await next(socket, "message");
    same((await closed(socket)).wasClean, true);
  },
  "MessageEvent.origin (WebSockets §4)": async (Class, server) => {
    const socket = await opened(Class, `${server}/echo`);
    socket.send("Test");
    const { origin, isTrusted } = await next(socket, "message");
    same(origin, server);
    same(isTrusted, true, "trusted");
    await closed(socket);
  },
};
