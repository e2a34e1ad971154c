// The classes that connect, as the application hands them in.

/** An object of the class that connects, as far as it is used; see {@link Options.webSocket}. */
export interface WebSocketLike {
  /** Set to `arraybuffer`. */
  binaryType?: string;
  /** How many bytes wait to be written; without it they count as written at once. */
  readonly bufferedAmount?: number;
  /** The extensions that the server chose. */
  readonly extensions?: string;
  /** The subprotocol that the server chose. */
  readonly protocol?: string;
  /** 0 while connecting, 1 when open, 2 while closing, 3 when closed. */
  readonly readyState: number;
  /** The URL, as it was understood. */
  readonly url?: string;
  /** Hears `open`, `message`, `error` and `close`. */
  addEventListener(type: string, listener: (event: any) => void): void;
  /** Hears them no more. */
  removeEventListener(type: string, listener: (event: any) => void): void;
  /** Sends a text or binary data. What it throws is told as an error. */
  send(data: any): void;
  /** Starts the closing handshake. What it throws is told as an error. */
  close(code?: number, reason?: string): void;
}

/** A class such as the global `WebSocket`, or that of the package `ws`. */
export type WebSocketClass = new (url: string, protocols?: any, options?: any) => WebSocketLike;
