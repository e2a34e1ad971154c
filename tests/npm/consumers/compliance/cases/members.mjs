// The class and its members: interfaces/WebSocket/constants and readyState, and what idlharness makes of
// websockets.idl.

import { closed, next, opened, remove, same, set, throws } from "../tools.mjs";

const CONSTANTS = ["CONNECTING", "OPEN", "CLOSING", "CLOSED"];
const READ_ONLY = ["url", "readyState", "bufferedAmount", "extensions", "protocol"];
const WRITABLE = ["onopen", "onerror", "onclose", "onmessage", "binaryType"];

const eachConstant = (check) => (Class, server) => {
  const socket = new Class(`${server}/echo`);
  CONSTANTS.forEach((name, value) => {
    check([Class, Class.prototype, socket], name);
    for (const holder of [Class, Class.prototype, socket]) {
      same(holder[name], value, name);
    }
  });
};

const refusesDefinition = (accessor) => (Class) =>
  CONSTANTS.forEach((name) =>
    throws("TypeError", () => Object.defineProperty(Class.prototype, name, accessor)),
  );

function checkDescriptor(holder, name, expected) {
  const descriptor = Object.getOwnPropertyDescriptor(holder, name);
  same(Boolean(descriptor), true, `has ${String(name)}:`);
  for (const [key, value] of Object.entries(expected)) {
    same(descriptor[key], value, `${String(name)}, ${key}:`);
  }
}

export const MEMBERS = {
  "interfaces/WebSocket/constants/001.html": eachConstant(() => {}),
  "interfaces/WebSocket/constants/002.html": eachConstant((all, name) =>
    all.forEach((target) => set(target, name)),
  ),
  "interfaces/WebSocket/constants/003.html": eachConstant((all, name) =>
    all.forEach((target) => remove(target, name)),
  ),
  "interfaces/WebSocket/constants/005.html": refusesDefinition({ get: () => "foo" }),
  "interfaces/WebSocket/constants/006.html": refusesDefinition({ set: () => "foo" }),
  "interfaces/WebSocket/readyState/001.html": (Class, server) =>
    same(new Class(`${server}/echo`).readyState, 0),
  "interfaces/WebSocket/readyState/002.html": (Class, server) => {
    const socket = new Class(`${server}/echo`);
    set(socket, "readyState");
    same(socket.readyState, 0);
  },
  "interfaces/WebSocket/readyState/006.html": async (Class, server) => {
    const socket = await opened(Class, `${server}/echo`);
    same(socket.readyState, 1);
    await closed(socket);
  },
  "interfaces/WebSocket/readyState/007.html": async (Class, server) => {
    const socket = await opened(Class, `${server}/echo`);
    socket.close();
    same(socket.readyState, 2);
    await next(socket, "close");
    same(socket.readyState, 3);
  },
  "binaryType-wrong-value.any.js": async (Class, server) => {
    const socket = await opened(Class, `${server}/echo`);
    same(socket.binaryType, "blob");
    socket.binaryType = "notBlobOrArrayBuffer";
    same(socket.binaryType, "blob");
    same((await closed(socket)).wasClean, true);
  },
  "idlharness.any.js, the class": (Class) => {
    same(Class.name, "WebSocket");
    same(Class.length, 1, "length");
    throws("TypeError", () => Class("ws://example.invalid/"));
    throws("TypeError", () => new Class());
    checkDescriptor(Class, "prototype", { writable: false, enumerable: false });
  },
  "idlharness.any.js, inheritance": (Class) => {
    same(Object.getPrototypeOf(Class), EventTarget, "inherits");
    same(Object.getPrototypeOf(Class.prototype), EventTarget.prototype, "inherits");
  },
  "idlharness.any.js, constants": (Class) =>
    CONSTANTS.forEach((name, value) => {
      const constant = { value, writable: false, enumerable: true, configurable: false };
      checkDescriptor(Class, name, constant);
      checkDescriptor(Class.prototype, name, constant);
    }),
  "idlharness.any.js, attributes": ({ prototype }) => {
    for (const name of READ_ONLY) {
      checkDescriptor(prototype, name, { set: undefined, enumerable: true, configurable: true });
    }
    for (const name of WRITABLE) {
      checkDescriptor(prototype, name, { enumerable: true, configurable: true });
    }
    for (const name of [...READ_ONLY, ...WRITABLE]) {
      throws("TypeError", () => prototype[name]);
    }
  },
  "idlharness.any.js, methods": ({ prototype }) => {
    for (const [name, length] of Object.entries({ send: 1, close: 0 })) {
      checkDescriptor(prototype, name, { writable: true, enumerable: true, configurable: true });
      same(prototype[name].length, length, `the length of ${name}`);
    }
  },
  "idlharness.any.js, its text": (Class, server) => {
    same(`${new Class(`${server}/echo`)}`, "[object WebSocket]");
    const tag = { value: "WebSocket", writable: false, enumerable: false, configurable: true };
    checkDescriptor(Class.prototype, Symbol.toStringTag, tag);
  },
};
