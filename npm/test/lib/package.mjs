// The built package, and a class that connects to nobody, whose events a test tells.

import path from "node:path";
import { pathToFileURL } from "node:url";

const built = path.join(import.meta.dirname, "../../../target/xtask/package");
export const place = process.env.QWEBSOCKET_PACKAGE ?? built;

/** An entry of the package, as Node's `import` gets it. */
export function entry(name) {
  return import(pathToFileURL(path.join(place, "node", `${name}.mjs`)).href);
}

/** A socket with a browser's interface. */
export class FakeSocket {
  static last;
  static all = [];
  readyState = 0;
  bufferedAmount = 0;
  protocol = "";
  extensions = "";
  sent = [];
  closed = [];
  #listeners = new Map();

  constructor(url, protocols) {
    this.url = url;
    this.protocols = protocols;
    FakeSocket.last = this;
    FakeSocket.all.push(this);
  }
  addEventListener(type, listener) {
    this.#listeners.set(type, listener);
  }
  removeEventListener(type) {
    this.#listeners.delete(type);
  }
  tell(type, event = {}) {
    this.#listeners.get(type)?.(event);
  }
  opens() {
    this.readyState = 1;
    this.tell("open");
  }
  receives(data) {
    this.tell("message", { data });
  }
  ends(code = 1006, wasClean = false, reason = "") {
    this.readyState = 3;
    this.tell("close", { code, wasClean, reason });
  }
  send(data) {
    this.sent.push(data);
  }
  close(code, reason) {
    this.closed.push([code, reason]);
    this.readyState = Math.max(this.readyState, 2);
  }
}

/** A socket that is connected, and its fake one. */
export async function connected({ QWebSocket }, options = {}) {
  const socket = new QWebSocket({ webSocket: FakeSocket, ...options });
  const opening = socket.open("ws://fake/");
  FakeSocket.last.opens();
  await opening;
  return [socket, FakeSocket.last];
}

/** The next task. */
export function task() {
  return new Promise((resolve) => setImmediate(resolve));
}

/** The types of what a socket tells from now on, with their most important value. */
export function story(socket, types) {
  const words = [];
  for (const type of types) {
    socket.addEventListener(type, ({ state, error, message, unknown, number }) => {
      const about = unknown?.join() ?? state ?? error?.kind ?? message ?? number;
      words.push(about === undefined ? type : `${type} ${about}`);
    });
  }
  return words;
}
