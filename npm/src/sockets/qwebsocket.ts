// `QWebSocket`: one connection after the other, with Qt's states and signals.

import { binary, closeCode, closeReason, text } from "../border/convert.js";
import { socketOptions } from "../border/options.js";
import type { OpenOptions, Options, QWebSocketEvent, QWebSocketEventMap } from "../types.js";
import { Attempts } from "./attempts.js";
import { Endpoint, type Iterator } from "./endpoint.js";

/**
 * A WebSocket connection with the signals, states and rules of Qt's `QWebSocket`. What Qt sets while
 * a socket lives is an option of the constructor; Qt's `flush()` is {@link QWebSocket.drained}.
 *
 * Arguments are converted as WebIDL does for the platform's classes: a text is what `String` makes of
 * a value, a number what `Number` does. What cannot be converted is a `TypeError`.
 *
 * @example
 * ```js
 * const socket = new QWebSocket();
 * socket.ontextMessageReceived = ({ message }) => console.log(message);
 * await socket.open("wss://example.com/chat", { subprotocols: ["chat.v2"] });
 * socket.sendTextMessage("hello");
 * ```
 */
export class QWebSocket extends Endpoint<QWebSocketEventMap> {
  /** The same in every copy of the package, and when the code is minified. */
  static override readonly name: string = "QWebSocket";
  readonly #attempts: Attempts;

  /**
   * A socket without a connection.
   *
   * @throws {@link UnsupportedError} for an option that the runtime lacks, {@link QWebSocketError}
   * `InvalidInput` for a number out of its range, `TypeError` for what is no option, or no value of one.
   */
  constructor(options?: Options) {
    const attempts = new Attempts(socketOptions(options));
    super(attempts.engine);
    this.#attempts = attempts;
  }

  /**
   * Connects. What is still connected is closed before, with code 1000.
   *
   * The promise resolves when connected. When the attempt fails it rejects with the
   * {@link QWebSocketError} that `errorOccurred` tells, too; when it is given up, with an
   * `AbortError`, or with the reason of the `signal`. Whoever listens to the events need not look
   * at the promise. Only what no event tells, an argument that cannot be used (`InvalidInput`, a
   * `TypeError`) and what the runtime lacks ({@link UnsupportedError}), is an unhandled
   * rejection then; nothing has changed in that case, and an open connection is not touched.
   *
   * Messages that arrive with the opening handshake are told in the task behind `connected`, when
   * the code behind `await socket.open()` has run.
   *
   * @throws nothing at once: it rejects, as said above.
   */
  open(url: string | URL, options?: OpenOptions): Promise<void> {
    return this.#attempts.open(url, options);
  }

  /**
   * Sends a text and returns its length in bytes (UTF-8).
   *
   * @throws {@link QWebSocketError}: `WrongState` when not connected, `QueueFull` over
   * {@link Options.writeQueue}.
   */
  sendTextMessage(message: string): number {
    return this.#attempts.engine.send(text(message));
  }

  /**
   * Sends bytes and returns their number. A `Blob` keeps its place in the order, even where it has
   * to be read first. Shared and resizable memory is copied.
   *
   * @throws as {@link sendTextMessage}, and `TypeError` for what is no binary data, or was
   * transferred away.
   */
  sendBinaryMessage(data: ArrayBufferLike | ArrayBufferView | Blob): number {
    return this.#attempts.engine.send(binary(data));
  }

  /**
   * Starts the closing handshake: what was sent goes out, then the close frame. While connecting
   * it gives up like {@link abort}; without a connection it does nothing.
   *
   * @param code 1000, or 3000 to 4999. Others need the feature `CLOSE_CODES`.
   * @param reason At most 123 bytes; what is longer is cut between characters.
   * @throws {@link QWebSocketError}: `InvalidInput` for a code that must not be sent (RFC 6455
   * §7.4).
   */
  override close(code: number = 1000, reason: string = ""): void {
    this.#attempts.engine.close(closeCode(code), closeReason(reason));
  }

  /**
   * Ends the connection at once, without a closing handshake; what waits is discarded. A browser lets
   * nobody end a connection so: there it closes by itself, and until then what arrives is dropped.
   */
  abort(): void {
    this.#attempts.engine.abort();
  }

  /**
   * The events from now on, to the end of the connection, `disconnected` being the last one; as
   * {@link messages}, but an error is one of them and not thrown.
   */
  override events(): Iterator<QWebSocketEvent> {
    return this.feed("events") as Iterator<QWebSocketEvent>;
  }
}
