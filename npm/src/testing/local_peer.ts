// The server's end of a real connection, over a socket of the package `ws`.

import { LOST } from "../standard/connection.js";
import { Peer } from "./end.js";
import { bytesOf } from "./peer.js";

/** Headers, as Node has them. */
export type PeerHeaders = Readonly<Record<string, string | readonly string[] | undefined>>;

/**
 * A socket of `ws`, as far as it is used.
 *
 * @internal
 */
export interface WsSocket {
  binaryType: string;
  on(type: "message", hear: (data: ArrayBuffer, isBinary: boolean) => void): void;
  on(type: "close", hear: (code: number, reason: object) => void): void;
  on(type: "error", hear: () => void): void;
  send(data: string | ArrayBuffer): void;
  /** The first versions have neither of these. */
  pause?(): void;
  resume?(): void;
  close(code: number, reason: string): void;
  terminate(): void;
}

/** A real connection, as a server has it; made by {@link LocalServer}. */
export class LocalPeer extends Peer {
  /** The headers of the opening handshake, their names in lower case. */
  readonly headers: PeerHeaders;
  /** None before it is let in. */
  #socket: WsSocket | undefined;

  /** @internal */
  constructor(url: string, subprotocols: readonly string[], headers: PeerHeaders) {
    super(url, subprotocols);
    this.headers = headers;
  }

  /** @internal */
  begin(socket: WsSocket): void {
    this.#socket = socket;
    socket.binaryType = "arraybuffer";
    // Texts come as a `Buffer` whatever the type is.
    socket.on("message", (data, isBinary) => this.take(isBinary ? data : `${data}`));
    // What it is about, the end tells.
    socket.on("error", () => {});
    socket.on("close", (code, reason) =>
      this.finish(code == LOST.code ? LOST : { code, reason: `${reason}`, wasClean: true }),
    );
  }

  /**
   * Sends a message; behind the end it does nothing.
   *
   * @throws `TypeError` for what is neither a text nor binary data.
   */
  override send(message: string | ArrayBufferLike | ArrayBufferView): void {
    this.#socket?.send(typeof message == "string" ? message : bytesOf(message));
  }

  /**
   * Reads no more: what the client sends waits in the network, and its close frame for an answer.
   *
   * @throws an `Error` with a version of `ws` that cannot, such as 8.0.
   */
  override pause(): void {
    const socket = this.#socket;
    if (socket && !socket.pause) {
      throw new Error("this version of the package ws cannot stop reading");
    }
    socket?.pause?.();
  }
  /** Reads again, first what has waited. */
  override resume(): void {
    this.#socket?.resume?.();
  }

  /**
   * Starts the closing handshake.
   *
   * @param code 1000 to 1014, but for 1004 to 1006, or 3000 to 4999.
   * @param reason At most 123 bytes.
   * @throws what `ws` throws for another code, or a longer reason.
   */
  override close(code: number = 1000, reason: string = ""): void {
    this.#socket?.close(code, reason);
  }

  /** Ends the connection without one, as if a cable were cut. */
  override drop(): void {
    this.#socket?.terminate();
  }
}
