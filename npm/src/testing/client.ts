// The client's end of a connection in memory: an object of the shape of the platform's `WebSocket`.

import { lengthOf } from "../border/convert.js";
import { closeEvent, messageEvent } from "../standard/events.js";
import { LOST } from "../standard/connection.js";
import type { CloseInit } from "../standard/options.js";
import { parsedProtocols, parsedUrl } from "../standard/request.js";
import type { Received } from "../types.js";
import { bytesOf, type Client, MemoryPeer } from "./peer.js";

/** Whether a client is let in, and with which subprotocol. */
export type Verdict = boolean | string | undefined | void;

/** Decides of one that knocks. */
export type Door = (peer: MemoryPeer) => Verdict | Promise<Verdict>;

/** A close frame without a code (RFC 6455 §7.4.1). */
const NO_CODE = 1005;

const CONNECTING = 0;
const OPEN = 1;
const CLOSING = 2;
const CLOSED = 3;

/** What crosses does so in a microtask, in its order: no timer, real or fake, has to fire for it. */
function cross(run: () => void): void {
  void Promise.resolve().then(run);
}

/** @internal */
export class MemorySocket extends EventTarget {
  readonly url: string;
  readyState: number = CONNECTING;
  protocol = "";
  readonly extensions: string = "";
  binaryType = "blob";
  readonly #peer: MemoryPeer;
  #crossing = 0;

  constructor(door: Door, url: string | URL, protocols: string | readonly string[] = []) {
    super();
    this.url = parsedUrl(`${url}`).href;
    this.#peer = new MemoryPeer(this.#client(parsedProtocols(protocols)));
    void this.#knock(door);
  }

  get bufferedAmount(): number {
    return this.#crossing + this.#peer.heldBytes;
  }

  send(data: string | ArrayBufferLike | ArrayBufferView): void {
    if (this.readyState == CONNECTING) {
      throw new DOMException("it is still connecting", "InvalidStateError");
    }
    if (this.readyState == OPEN) {
      const message = typeof data == "string" ? data : bytesOf(data);
      const length = lengthOf(message);
      this.#crossing += length;
      cross(() => {
        this.#crossing -= length;
        this.#peer.arrived(message);
      });
    }
  }

  close(code: number = NO_CODE, reason: string = ""): void {
    const { readyState } = this;
    if (readyState >= CLOSING) {
      return;
    }
    this.readyState = CLOSING;
    cross(() => (readyState == OPEN ? this.#peer.asked(code, reason) : this.#end(LOST)));
  }

  async #knock(door: Door): Promise<void> {
    const peer = this.#peer;
    // Nobody can listen before the constructor has returned.
    const verdict = await Promise.resolve(peer)
      .then(door)
      .catch(() => false);
    if (this.readyState != CONNECTING) {
      return;
    }
    const protocol = typeof verdict == "string" ? verdict : (peer.subprotocols[0] ?? "");
    // One that is not on offer fails the connection (RFC 6455 §4.1).
    if (verdict === false || (protocol && !peer.subprotocols.includes(protocol))) {
      this.#end(LOST);
      return;
    }
    this.protocol = protocol;
    this.readyState = OPEN;
    this.dispatchEvent(new Event("open"));
    peer.begun();
  }

  #client(subprotocols: readonly string[]): Client {
    return {
      url: this.url,
      subprotocols,
      take: (data) => cross(() => this.#take(data)),
      takeClose: (code, reason) =>
        cross(() => {
          this.readyState = Math.max(this.readyState, CLOSING);
          this.#end({ code, reason, wasClean: true });
        }),
      end: (close) => cross(() => this.#end(close)),
    };
  }

  #take(data: Received): void {
    if (this.readyState == OPEN) {
      const isBlob = typeof data != "string" && this.binaryType == "blob";
      const { origin } = new URL(this.url);
      this.dispatchEvent(messageEvent(isBlob ? new Blob([data]) : data, origin));
    }
  }

  #end(close: CloseInit): void {
    if (this.readyState == CLOSED) {
      return;
    }
    this.readyState = CLOSED;
    this.#peer.over(close);
    if (!close.wasClean) {
      this.dispatchEvent(new Event("error"));
    }
    this.dispatchEvent(closeEvent(close));
  }
}
