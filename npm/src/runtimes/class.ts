// The classes that connect, as the application hands them in.

/** An object of the class that connects, as far as it is used; see {@link Options.webSocket}. */
export interface WebSocketLike {
  binaryType?: string;
  readonly bufferedAmount?: number;
  readonly extensions?: string;
  readonly protocol?: string;
  readonly readyState: number;
  readonly url?: string;
  addEventListener(type: string, listener: (event: any) => void): void;
  removeEventListener(type: string, listener: (event: any) => void): void;
  send(data: any): void;
  close(code?: number, reason?: string): void;
}

/** A class such as the global `WebSocket`, or that of the package `ws`. */
export type WebSocketClass = new (url: string, protocols?: any, options?: any) => WebSocketLike;
