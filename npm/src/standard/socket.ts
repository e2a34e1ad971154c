// A class of the shape of the platform's `WebSocket` (https://websockets.spec.whatwg.org).

import { closeCode, isBlob, isBuffer, lengthOf, text } from "../border/convert.js";
import { soon } from "../tasks.js";
import type { Received, Sendable } from "../types.js";
import { type Connect, type Connection, type Hearer, LOST } from "./connection.js";
import { closeEvent, Handlers, messageEvent } from "./events.js";
import type { CloseInit } from "./options.js";
import { parsedProtocols, parsedUrl, refuseLong, refuseNone } from "./request.js";

export const CONNECTING = 0;
export const OPEN = 1;
export const CLOSING = 2;
export const CLOSED = 3;

type BinaryType = "blob" | "arraybuffer";

export class StandardWebSocket extends EventTarget {
  readonly #url: URL;
  readonly #connection: Connection;
  readonly #handlers: Handlers = new Handlers(this);
  #readyState = CONNECTING;
  #binaryType: BinaryType = "blob";
  /** What was sent when it was too late, in bytes. */
  #discarded = 0;
  #isClosed = false;
  #isOver = false;
  /** While the constructor runs nobody can listen. */
  #isMade = false;

  constructor(connect: Connect, url: unknown, protocols: unknown) {
    super();
    this.#url = parsedUrl(text(url));
    const target = { url: this.#url, subprotocols: parsedProtocols(protocols) };
    this.#connection = connect(target, this.#hearer());
    this.#isMade = true;
  }

  get url(): string {
    return this.#url.href;
  }
  get readyState(): number {
    return this.#readyState;
  }
  get bufferedAmount(): number {
    return this.#connection.socket.bytesToWrite + this.#discarded;
  }
  get protocol(): string {
    return this.#connection.socket.subprotocol;
  }
  get extensions(): string {
    return this.#connection.socket.extensions;
  }
  get binaryType(): BinaryType {
    return this.#binaryType;
  }
  set binaryType(type: BinaryType) {
    // What an enumeration lacks is ignored (WebIDL §3.7.6).
    if (type == "blob" || type == "arraybuffer") {
      this.#binaryType = type;
    }
  }

  send(data: unknown): void {
    refuseNone("send", arguments.length);
    const isBinary = ArrayBuffer.isView(data) || isBuffer(data) || isBlob(data);
    const message: Sendable = isBinary ? (data as Sendable) : text(data);
    const { keeps } = this.#connection;
    if (this.#readyState == CONNECTING && !keeps) {
      throw new DOMException("it is still connecting", "InvalidStateError");
    }
    if (this.#readyState == OPEN || (keeps && !this.#isClosed && !this.#isOver)) {
      this.#connection.send(message);
    } else {
      this.#discarded += lengthOf(message);
    }
  }

  close(code: unknown = undefined, reason: unknown = undefined): void {
    const given = code === undefined ? 1000 : closeCode(code);
    const why = reason === undefined ? "" : text(reason);
    if (given != 1000 && !(given >= 3000 && given <= 4999)) {
      const message = `the code must be 1000, or from 3000 to 4999, not ${given}`;
      throw new DOMException(message, "InvalidAccessError");
    }
    refuseLong(why);
    if (this.#isClosed || this.#isOver) {
      return;
    }
    this.#isClosed = true;
    const isConnected = this.#connection.socket.isValid;
    this.#readyState = CLOSING;
    if (isConnected) {
      this.#connection.socket.close(given, why);
    } else if (this.#connection.socket.state != "closing") {
      soon(() => this.#giveUp());
    }
  }

  get onopen(): unknown {
    return this.#handlers.get("open");
  }
  set onopen(handler: unknown) {
    this.#handlers.set("open", handler);
  }
  get onmessage(): unknown {
    return this.#handlers.get("message");
  }
  set onmessage(handler: unknown) {
    this.#handlers.set("message", handler);
  }
  get onerror(): unknown {
    return this.#handlers.get("error");
  }
  set onerror(handler: unknown) {
    this.#handlers.set("error", handler);
  }
  get onclose(): unknown {
    return this.#handlers.get("close");
  }
  set onclose(handler: unknown) {
    this.#handlers.set("close", handler);
  }

  /** What was closed before it was open has failed (WebSockets §3.1, `close`). */
  #giveUp(): void {
    this.#end(false, true, LOST);
    this.#connection.socket.abort();
  }

  #hearer(): Hearer {
    const isClosed = () => this.#isClosed;
    return {
      get isClosed() {
        return isClosed();
      },
      opened: () => {
        if (!this.#isClosed) {
          this.#readyState = OPEN;
          this.dispatchEvent(new Event("open"));
        }
      },
      received: (data) => this.#receive(data),
      closing: () => {
        if (!this.#isOver) {
          this.#readyState = CLOSING;
        }
      },
      ended: (...end) => {
        if (this.#isMade) {
          this.#end(...end);
        } else {
          soon(() => this.#end(...end));
        }
      },
    };
  }

  #receive(data: Received): void {
    if (this.#readyState == OPEN) {
      const isBlob = typeof data != "string" && this.#binaryType == "blob";
      this.dispatchEvent(messageEvent(isBlob ? new Blob([data]) : data, this.#url.origin));
    }
  }

  #end(isGoingOn: boolean, isFailure: boolean, close: CloseInit): void {
    if (this.#isOver) {
      return;
    }
    this.#isOver = !isGoingOn;
    this.#readyState = isGoingOn ? CONNECTING : CLOSED;
    if (isFailure) {
      this.dispatchEvent(new Event("error"));
    }
    this.dispatchEvent(closeEvent(close));
  }
}
