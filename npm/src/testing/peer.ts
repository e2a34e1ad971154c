// The server's end of a connection in memory.

import { binary, copy, isBlob, lengthOf } from "../border/convert.js";
import { Fifo } from "../fifo.js";
import type { Received } from "../types.js";
import { LOST } from "../standard/connection.js";
import type { CloseInit } from "../standard/options.js";
import { refuseLong } from "../standard/request.js";
import { Peer } from "./end.js";

/**
 * The client's end, as far as its peer is concerned.
 *
 * @internal
 */
export interface Client {
  readonly url: string;
  readonly subprotocols: readonly string[];
  /** Takes a message. */
  take(data: Received): void;
  /** Takes a close frame, and answers it. */
  takeClose(code: number, reason: string): void;
  /** There is no connection any more. */
  end(close: CloseInit): void;
}

/** A connection, as a server has it; made by {@link MemoryServer}. */
export class MemoryPeer extends Peer {
  /**
   * Whether a close frame is left unanswered.
   *
   * @default false
   */
  isSilent = false;
  /** @internal */
  begun: () => void = () => {};
  readonly #client: Client;
  readonly #held: Fifo<Received> = new Fifo();
  /** The client's close frame, behind what is held. */
  #heldClose: CloseInit | undefined;
  #heldBytes = 0;
  #isPaused = false;
  #isClosing = false;
  #isOver = false;

  /** @internal */
  constructor(client: Client) {
    super(client.url, client.subprotocols);
    this.#client = client;
  }

  /**
   * Sends a message; behind the end it does nothing.
   *
   * @throws `TypeError` for what is neither a text nor binary data.
   */
  override send(message: string | ArrayBufferLike | ArrayBufferView): void {
    const data = typeof message == "string" ? message : bytesOf(message);
    if (!this.#isClosing && !this.#isOver) {
      this.#client.take(data);
    }
  }

  /** Reads no more, so that the client's messages wait to be written, and its close frame for an answer. */
  override pause(): void {
    this.#isPaused = true;
  }
  /** Reads again, first what has waited. */
  override resume(): void {
    this.#isPaused = false;
    for (let data; !this.#isPaused && (data = this.#held.shift()) !== undefined;) {
      this.#heldBytes -= lengthOf(data);
      this.take(data);
    }
    if (!this.#isPaused && this.#heldClose) {
      this.#client.end(this.#heldClose);
    }
  }

  /**
   * Starts the closing handshake, whatever the code.
   *
   * @throws a `DOMException` `SyntaxError` for a reason of more than 123 bytes.
   */
  override close(code: number = 1000, reason: string = ""): void {
    refuseLong(reason);
    if (!this.#isClosing && !this.#isOver) {
      this.#isClosing = true;
      this.#client.takeClose(code, reason);
    }
  }

  /** Ends the connection without one, as if a cable were cut. */
  override drop(): void {
    this.#client.end(LOST);
  }

  /** @internal */
  get heldBytes(): number {
    return this.#heldBytes;
  }

  /** @internal */
  arrived(data: Received): void {
    if (this.#isPaused) {
      this.#held.push(data);
      this.#heldBytes += lengthOf(data);
    } else if (!this.#isOver) {
      this.take(data);
    }
  }

  /** The client's close frame, whether it has begun or answers. @internal */
  asked(code: number, reason: string): void {
    if (this.isSilent && !this.#isClosing) {
      return;
    }
    const close = { code, reason, wasClean: true };
    if (this.#isPaused) {
      this.#heldClose = close;
    } else {
      this.#client.end(close);
    }
  }

  /** @internal */
  over(close: CloseInit): void {
    if (!this.#isOver) {
      this.#isOver = true;
      this.finish(close);
    }
  }
}

/**
 * A copy of binary data, as it goes over a wire.
 *
 * @internal
 */
export function bytesOf(data: unknown): ArrayBuffer {
  if (isBlob(data)) {
    throw new TypeError("a Blob is read before it is sent here");
  }
  return copy(binary(data) as ArrayBuffer).buffer;
}
