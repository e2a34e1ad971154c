// The browser’s socket and the package’s behind the same few methods, each with a log of its events.

import { bytes } from "./format.js";
import { errorText, logEvents } from "./event_log.js";

class LoggedSocket {
  #waiting = [];
  #isOver = false;

  constructor(log) {
    this.log = log;
  }

  message() {
    return this.#next("message", "over");
  }

  /** Also of a connection that never came about. */
  over() {
    return this.#isOver ? Promise.resolve() : this.#next("over");
  }

  /** Calls a method and logs that, and what it throws. */
  call(name, detail, method) {
    this.log.add("call", name, typeof detail === "string" ? detail : bytes(detail.byteLength));
    try {
      method();
    } catch (error) {
      this.threw(error);
    }
  }

  threw(error) {
    this.log.add("error", error.name, errorText(error));
  }

  opened() {
    return this.#next("open", "over");
  }

  happened(name) {
    this.#isOver = name === "over";
    const woken = this.#waiting.filter(({ names }) => names.includes(name));
    this.#waiting = this.#waiting.filter(({ names }) => !names.includes(name));
    woken.forEach(({ resolve }) => resolve());
  }

  #next(...names) {
    return new Promise((resolve) => this.#waiting.push({ names, resolve }));
  }
}

export class BrowserSocket extends LoggedSocket {
  #socket;

  open(url) {
    const opened = this.opened();
    this.call("new WebSocket()", url, () => {
      this.#socket = new WebSocket(url);
      this.#socket.binaryType = "arraybuffer";
      this.#socket.onopen = () => this.#tell("signal", "open", "");
      this.#socket.onmessage = ({ data }) =>
        this.#tell("message", "message", typeof data === "string" ? data : new Uint8Array(data));
      this.#socket.onerror = () => this.#tell("error", "error", "");
      this.#socket.onclose = ({ code, reason, wasClean }) => {
        this.log.add("signal", "close", `${code} “${reason}” ${wasClean ? "clean" : "not clean"}`);
        this.happened("over");
      };
    });
    if (!this.#socket) {
      this.happened("over");
    }
    return opened;
  }

  send(data) {
    this.call("send()", data, () => this.#socket.send(data));
  }

  close(code, reason) {
    this.call("close()", `${code} ${reason}`, () => this.#socket.close(code, reason));
    return this.over();
  }

  #tell(role, name, detail) {
    this.log.add(role, name, detail);
    this.happened(name);
  }
}

export class PackageSocket extends LoggedSocket {
  #socket;

  constructor(log, QWebSocket) {
    super(log);
    this.#socket = new QWebSocket();
    logEvents(this.#socket, log);
    this.#on("connected", "open");
    this.#on("textMessageReceived", "message");
    this.#on("binaryMessageReceived", "message");
    this.#on("disconnected", "over");
  }

  open(url) {
    const opened = this.opened();
    this.call("open()", url, () => void this.#socket.open(url).catch((error) => this.#refused(error)));
    return opened;
  }

  send(data) {
    if (typeof data === "string") {
      this.call("sendTextMessage()", data, () => this.#socket.sendTextMessage(data));
    } else {
      this.call("sendBinaryMessage()", data, () => this.#socket.sendBinaryMessage(data));
    }
  }

  close(code, reason) {
    this.call("close()", `${code} ${reason}`, () => this.#socket.close(code, reason));
    return this.over();
  }

  /** Of what else goes wrong the events tell. */
  #refused(error) {
    if (["InvalidInput", "Unsupported"].includes(error.kind)) {
      this.threw(error);
      this.happened("over");
    }
  }

  #on(event, name) {
    this.#socket.addEventListener(event, () => this.happened(name));
  }
}
