// A `WebSocketStream` with the interface of a `WebSocket`, which can stop reading.

import { copy, lengthOf, type Message } from "../border/convert.js";
import { UnsupportedError } from "../errors.js";
import type { Feature } from "../types.js";
import type { Runtime, Socket } from "./runtime.js";

interface Stream {
  readonly url: string;
  readonly opened: Promise<{
    readable: ReadableStream<string | Uint8Array>;
    writable: WritableStream<string | Uint8Array>;
    protocol: string;
    extensions: string;
  }>;
  readonly closed: Promise<{ closeCode?: number; reason?: string }>;
  close(info: { closeCode?: number; reason?: string }): void;
}

type StreamClass = new (url: string, options: { protocols: string[] }) => Stream;

type Listener = (event: object) => void;

export function stream(hasClass: boolean): Runtime {
  const { WebSocketStream } = globalThis as { WebSocketStream?: StreamClass };
  if (hasClass || !WebSocketStream) {
    throw new UnsupportedError("READ_BUFFER");
  }
  return {
    features: Object.freeze<Feature[]>(["READ_BUFFER"]),
    counts: false,
    copies: false,
    connect: ({ url, subprotocols }) => ({
      socket: new StreamSocket(new WebSocketStream(url, { protocols: subprotocols })),
    }),
  };
}

class StreamSocket implements Socket {
  readyState = 0;
  bufferedAmount = 0;
  protocol = "";
  extensions = "";
  readonly url: string;
  readonly #stream: Stream;
  #writer: WritableStreamDefaultWriter<string | Uint8Array> | undefined;
  readonly #listeners = new Map<string, Listener>();
  /** What was sent, as far as the stream has it. */
  #sent: Promise<unknown> = Promise.resolve();
  #pausing: Promise<void> | undefined;
  #resume: (() => void) | undefined;

  constructor(stream: Stream) {
    this.#stream = stream;
    this.url = stream.url;
    void this.#run();
  }

  addEventListener(type: string, listener: Listener): void {
    this.#listeners.set(type, listener);
  }
  removeEventListener(type: string): void {
    this.#listeners.delete(type);
  }

  /** Binary data is a copy already: the stream takes it later. */
  send(data: string | Uint8Array): void {
    const length = lengthOf(data as Message);
    this.bufferedAmount += length;
    const written = this.#writer?.write(data);
    // What could not be written is told by the end of the stream.
    this.#sent = Promise.resolve(written)
      .then(() => (this.bufferedAmount -= length))
      .catch(() => {});
  }

  pause(): void {
    this.#pausing ??= new Promise((resolve) => (this.#resume = resolve));
  }
  resume(): void {
    this.#resume?.();
    this.#pausing = undefined;
  }

  close(closeCode?: number, reason?: string): void {
    if (this.readyState < 2) {
      const connects = !this.readyState;
      this.readyState = 2;
      const info = closeCode === undefined ? {} : { closeCode, reason: reason ?? "" };
      const close = () => this.#stream.close(info);
      if (connects) {
        close();
      } else {
        void this.#sent.then(close);
      }
    }
  }

  async #run(): Promise<void> {
    const stream = this.#stream;
    const closed = stream.closed.then(
      ({ closeCode, reason }) => ({ wasClean: true, code: closeCode ?? 1005, reason }),
      () => ({ wasClean: false, code: 1006, reason: "" }),
    );
    try {
      const { readable, writable, protocol, extensions } = await stream.opened;
      this.readyState = Math.max(1, this.readyState);
      Object.assign(this, { protocol, extensions });
      this.#writer = writable.getWriter();
      // Each write tells it, too.
      this.#writer.closed.catch(() => {});
      this.#tell("open", {});
      await this.#read(readable.getReader());
    } catch {
      // The end of the stream says more.
    }
    const end = await closed;
    this.readyState = 3;
    this.#tell("close", end);
  }

  async #read(reader: ReadableStreamDefaultReader<string | Uint8Array>): Promise<void> {
    for (;;) {
      await this.#pausing;
      const { done, value } = await reader.read();
      if (done) {
        return;
      }
      this.#tell("message", { data: typeof value == "string" ? value : copy(value).buffer });
    }
  }

  #tell(type: string, event: object): void {
    this.#listeners.get(type)?.(event);
  }
}
