// The runtime's socket as the core sees it: sends in order, counts bytes, hears what happens, ends.

import { copy, isBlob, lengthOf, utf8Length, type Message } from "../border/convert.js";
import { report } from "../errors.js";
import type { Connected, Socket } from "./runtime.js";

/** What a wire tells. None of these throws. */
export interface WireEvents {
  opened(): void;
  /** With its length in bytes, where that is not the data's. */
  received(data: string | ArrayBuffer, length?: number): void;
  /** An error, before the end that comes behind it. */
  failing(why: string): void;
  ended(wasClean: boolean, code: number, reason: string): void;
  ponged(payload: Uint8Array): void;
  /** A message cannot be sent, which was taken; whether that is all, and those behind it may go out. */
  unsendable(message: Message, why: unknown): boolean;
}

export interface WireOptions {
  readonly counts: boolean;
  readonly copies: boolean;
  /** What a keep-alive asks with; the core says when. */
  readonly probe: Message | undefined;
  /** How long an end may take that nobody waits for any more, in milliseconds. */
  readonly patience: number;
}

/** `readyState`. */
const OPEN = 1;
const CLOSED = 3;

/** The end of a connection without a close frame (RFC 6455 §7.1.5). */
const LOST = 1006;

/** The error of `ws` for a message over its limit, and the length that then arrives. */
const TOO_LARGE = "WS_ERR_UNSUPPORTED_MESSAGE_LENGTH";
const LARGEST = 2 ** 32 - 1;

export class Wire {
  readonly #socket: Socket;
  readonly #options: WireOptions;
  readonly #destroy: (() => void) | undefined;
  #dispose: (() => void) | undefined;
  /** Hears what happens, until it is released. */
  #hearer: WireEvents | undefined;
  readonly #listeners: Record<string, (event: any) => void>;
  /** A blob that is being read, and all that is behind it; runtimes lose blobs, or their place. */
  #held: Promise<unknown> | undefined;
  #heldBytes = 0;
  /** The same for what arrives. */
  #reading: Promise<unknown> | undefined;
  #unread = 0;
  #isOpened = false;
  #isPaused = false;
  #isGivenUp = false;

  constructor(connected: Connected, options: WireOptions, hearer: WireEvents) {
    const { socket, destroy, dispose } = connected;
    this.#socket = socket;
    this.#destroy = destroy;
    this.#dispose = dispose;
    this.#options = options;
    this.#hearer = hearer;
    this.#listeners = this.#listen(connected);
    try {
      socket.binaryType = "arraybuffer";
    } catch {
      // What arrives is looked at anyway.
    }
  }

  get url(): string {
    return this.#socket.url ?? "";
  }
  get protocol(): string {
    return this.#socket.protocol ?? "";
  }
  get extensions(): string {
    return this.#socket.extensions ?? "";
  }
  get bufferedAmount(): number {
    // Browsers tell at the end what they have not written. Of others all counts as written, since
    // what is not sent again is told, and what arrives twice is not.
    const socket = this.#socket;
    const isUnknown = !this.#options.counts && socket.readyState == CLOSED;
    return (isUnknown ? 0 : Number(socket.bufferedAmount) || 0) + this.#heldBytes;
  }
  get isOpen(): boolean {
    return this.#socket.readyState == OPEN;
  }
  get isPaused(): boolean {
    return this.#isPaused;
  }

  /**
   * Sends, and returns the length in bytes, which of a text may have been counted already. Throws
   * what the runtime throws.
   */
  write(payload: Message, counted: number = 0): number {
    const socket = this.#socket;
    if (this.#held || isBlob(payload)) {
      return this.#hold(payload);
    }
    if (typeof payload != "string") {
      const { byteLength } = payload as ArrayBuffer;
      // Detached since it was accepted, perhaps; some runtimes look at it later. mock-socket knows no views.
      const isSafe = this.#options.copies && byteLength;
      socket.send(isSafe ? payload : copy(payload as ArrayBuffer).buffer);
      return byteLength;
    }
    if (!this.#options.counts) {
      socket.send(payload);
      return counted || utf8Length(payload);
    }
    const before = socket.bufferedAmount as number;
    socket.send(payload);
    const grown = (socket.bufferedAmount as number) - before;
    // A class that only looks like the platform's does not count.
    return grown > 0 ? grown : counted || utf8Length(payload);
  }

  probe(): number {
    const { probe } = this.#options;
    return probe === undefined ? -1 : this.write(probe);
  }

  ping(payload: Uint8Array): void {
    this.#socket.ping?.(payload);
  }

  pause(): void {
    this.#isPaused = true;
    this.#socket.pause?.();
  }

  resume(): void {
    if (this.#isPaused) {
      this.#isPaused = false;
      this.#socket.resume?.();
    }
  }

  /** Closes, with this code or with none; what is given up is ended at once. */
  close(code: number, reason: string): void {
    // A runtime that does not read never hears the peer's close frame.
    this.resume();
    if (this.#isGivenUp && !code) {
      this.terminate();
      return;
    }
    if (this.#held) {
      this.#held = this.#held.then(() => this.#close(code, reason));
    } else {
      this.#close(code, reason);
    }
    if (this.#isGivenUp) {
      this.#endWithin(this.#options.patience);
    }
  }

  /** Hears nothing more; the end of the connection is nobody's concern but ours. */
  release(): void {
    this.#isGivenUp = true;
    this.#hearer = undefined;
    const socket = this.#socket;
    for (const [type, listener] of Object.entries(this.#listeners)) {
      try {
        socket.removeEventListener(type, listener);
      } catch (error) {
        report(error);
      }
    }
    if (socket.readyState == CLOSED) {
      this.#disposed();
    }
  }

  /** Ends the connection without a closing handshake, as far as the runtime can. */
  terminate(): void {
    // What was held goes nowhere.
    this.#held = undefined;
    this.#heldBytes = 0;
    const socket = this.#socket;
    attempt(() => {
      if (this.#destroy) {
        this.#destroy();
      } else if (typeof socket.terminate == "function") {
        socket.terminate();
      }
    });
    this.#close(0, "");
    this.#disposed();
  }

  #listen({ socket, hear }: Connected): Record<string, (event: any) => void> {
    const listeners: Record<string, (event: any) => void> = {
      open: () => {
        this.#isOpened = true;
        this.#hearer?.opened();
      },
      ...(!hear && { message: ({ data }) => this.#take(data) }),
      error: (event) => this.#fails(event),
      close: ({ wasClean, code, reason }) => this.#ended(wasClean, code, reason),
    };
    hear?.((data) => this.#take(data));
    if (typeof socket.on == "function") {
      // Of the package `ws`, which has no event for it. It throws what nobody listens to.
      socket.on("pong", (data) => this.#hearer?.ponged(new Uint8Array(data)));
      socket.on("error", () => {});
    } else if (typeof socket.ping == "function") {
      listeners["pong"] = ({ data }) => this.#hearer?.ponged(new Uint8Array(data));
    }
    for (const [type, listener] of Object.entries(listeners)) {
      socket.addEventListener(type, listener);
    }
    return listeners;
  }

  /** What arrives is a text or an `ArrayBuffer`, whatever the class makes of `binaryType`. */
  #take(data: unknown): void {
    const isReady = typeof data == "string" || data instanceof ArrayBuffer;
    if (isReady && !this.#reading) {
      this.#hearer?.received(data);
    } else if (this.#reading || isBlob(data)) {
      const bytes = isBlob(data) ? data.arrayBuffer() : data;
      this.#behind(async () => this.#hearer?.received(received(await bytes)));
    } else {
      this.#hearer?.received(received(data));
    }
  }

  #ended(wasClean: boolean, code: number, reason: string): void {
    const tell = () => {
      const hearer = this.#hearer;
      this.#disposed();
      hearer?.ended(Boolean(wasClean), Number(code) || 1005, `${reason ?? ""}`);
    };
    if (this.#reading) {
      this.#behind(tell);
    } else {
      tell();
    }
  }

  #behind(run: () => unknown): void {
    this.#unread++;
    const done = () => {
      if (!--this.#unread) {
        this.#reading = undefined;
      }
    };
    this.#reading = Promise.resolve(this.#reading).then(run).catch(report).then(done);
  }

  /** An end follows in the same task (WebSockets §4), but for some versions of some runtimes. */
  #fails(event: { message?: unknown; error?: { code?: unknown } } | undefined): void {
    const message = event?.message;
    if (event?.error?.code == TOO_LARGE) {
      this.#hearer?.received(new ArrayBuffer(0), LARGEST);
    } else if (!this.#isOpened) {
      this.#hearer?.failing(typeof message == "string" ? message : "");
    } else {
      // It may still write. Who is given up is ended first, and counted then.
      this.#endWithin(this.#options.patience);
    }
  }

  #close(code: number, reason: string): void {
    try {
      if (code) {
        this.#socket.close(code, reason);
      } else {
        this.#socket.close();
      }
    } catch {
      // Not with this code.
      attempt(() => this.#socket.close());
    }
  }

  /** Sends behind what is held already. */
  #hold(payload: Message): number {
    const length = lengthOf(payload);
    const data = isBlob(payload)
      ? payload.arrayBuffer()
      : typeof payload == "string"
        ? payload
        : copy(payload);
    this.#heldBytes += length;
    const held: Promise<unknown> = Promise.all([data, this.#held])
      .then(([data]) => this.#held && this.#socket.send(data))
      .catch((error: unknown) => this.#refused(payload, error))
      .then(() => {
        this.#heldBytes -= this.#held ? length : 0;
        if (this.#held == held) {
          this.#held = undefined;
        }
      });
    this.#held = held;
    return length;
  }

  /** What cannot be read, such as a file that has changed since. */
  #refused(payload: Message, why: unknown): void {
    if (this.#held && !this.#hearer?.unsendable(payload, why)) {
      // As if the connection were lost: what is behind must not take its place.
      this.#hearer?.ended(false, LOST, "");
      this.terminate();
    }
  }

  #endWithin(ms: number): void {
    const end = () => (this.#socket.readyState == CLOSED ? this.#disposed() : this.terminate());
    const timer = setTimeout(end, ms);
    // A process need not stay for it.
    (timer as { unref?(): void }).unref?.();
  }

  #disposed(): void {
    const dispose = this.#dispose;
    this.#dispose = undefined;
    if (dispose) {
      attempt(dispose);
    }
  }
}

function received(data: unknown): string | ArrayBuffer {
  if (typeof data == "string" || data instanceof ArrayBuffer) {
    return data;
  }
  if (ArrayBuffer.isView(data)) {
    return copy(data).buffer;
  }
  return Object.prototype.toString.call(data) == "[object ArrayBuffer]"
    ? (data as ArrayBuffer)
    : `${data as string}`;
}

function attempt(run: () => void): void {
  try {
    run();
  } catch (error) {
    report(error);
  }
}
