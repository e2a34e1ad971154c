// The end: websockets/Close-*, interfaces/WebSocket/close and closing-handshake.

import { closed, next, opened, quiet, remove, same, set, throws } from "../tools.mjs";

/** Closes with `how`, and checks what the event tells. */
const tells =
  (how, code, reason = "") =>
  async (Class, server) => {
    const event = await closed(await opened(Class, `${server}/echo`), ...how);
    same(event.code, code, "code");
    same(event.reason, reason, "reason");
    same(event.wasClean, true, "clean");
  };

const LONG = "x".repeat(124);

export const CLOSING = {
  "close-invalid.any.js": (Class, server) => {
    const socket = new Class(`${server}/echo`);
    for (const code of [0, 500, NaN, "string", null, 0x10000 + 1000]) {
      throws("InvalidAccessError", () => socket.close(code));
    }
  },
  "Close-1000.any.js": tells([1000], 1000),
  "Close-1000-reason.any.js": tells([1000, "Clean Close"], 1000, "Clean Close"),
  "Close-undefined.any.js": async (Class, server) => {
    const event = await closed(await opened(Class, `${server}/echo`), undefined);
    same(event.wasClean, true);
  },
  "Secure-Close-1005-verify-code.any.js": tells([], 1005),
  "Secure-Close-onlyReason.any.js": (Class, server) => {
    const socket = new Class(`${server}/echo`);
    throws("InvalidAccessError", () => socket.close("Close with only reason"));
  },
  "Secure-Close-2999-reason.any.js": (Class, server) => {
    const socket = new Class(`${server}/echo`);
    throws("InvalidAccessError", () => socket.close(2999, "Close not in range 3000-4999"));
  },
  "Secure-Close-3000-verify-code.any.js": tells([3000, "Clean Close"], 3000, "Clean Close"),
  "Secure-Close-4999-reason.any.js": tells([4999, "Clean Close"], 4999, "Clean Close"),
  "Close-Reason-124Bytes.any.js": (Class, server) => {
    const socket = new Class(`${server}/echo`);
    throws("SyntaxError", () => socket.close(1000, LONG));
  },
  "Close-reason-unpaired-surrogates.any.js": tells([1000, "\ud807"], 1000, "\ufffd"),
  "Secure-Close-server-initiated-close.any.js": async (Class, server) => {
    const socket = await opened(Class, `${server}/echo`);
    socket.send("close 1000 bye");
    const event = await next(socket, "close", "error");
    same(event.code, 1000);
    same(event.reason, "bye");
    same(event.wasClean, true);
    same(socket.readyState, 3);
  },
  "interfaces/WebSocket/close/001.html": async (Class, server) => {
    const socket = new Class(`${server}/echo`);
    const closing = next(socket, "close", "open");
    socket.close();
    same(socket.readyState, 2);
    const event = await closing;
    same(event instanceof CloseEvent, true);
    set(event, "wasClean");
    remove(event, "wasClean");
    same(event.wasClean, false);
  },
  "interfaces/WebSocket/close/002.html": (Class, server) => {
    const socket = new Class(`${server}/echo`);
    socket.close = 5;
    same(socket.close, 5);
  },
  "interfaces/WebSocket/close/close-connecting.html": async (Class, _, silent) => {
    const socket = new Class(`${silent}/`);
    const closing = next(socket, "close", "open");
    await new Promise((resolve) => setTimeout(resolve));
    same(socket.readyState, 0);
    socket.close();
    same(socket.readyState, 2);
    same((await closing).wasClean, false);
    same(socket.readyState, 3);
  },
  "interfaces/WebSocket/close/close-multiple.html": async (Class, server) => {
    const socket = new Class(`${server}/echo`);
    const closing = next(socket, "close");
    socket.close();
    socket.close();
    socket.close();
    await closing;
    await quiet(socket);
  },
  "interfaces/WebSocket/close/close-nested.html": async (Class, server) => {
    const socket = new Class(`${server}/echo`);
    socket.close();
    same(socket.readyState, 2);
    await new Promise((resolve) => {
      socket.onclose = () => {
        socket.close();
        resolve();
      };
    });
    same(socket.readyState, 3);
    await quiet(socket);
  },
  "closing-handshake/002.html": async (Class, server) => {
    const socket = await opened(Class, `${server}/echo`);
    socket.send("close 1000");
    same((await next(socket, "close", "error", "message")).wasClean, true);
    await quiet(socket);
  },
};
