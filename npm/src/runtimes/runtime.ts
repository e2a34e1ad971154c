// What every runtime is for us: how it connects, what it can do, how it ends a connection for good.

import type { Feature } from "../types.js";

/** A runtime's socket: that of a browser, and what others have besides. */
export interface Socket {
  binaryType?: string;
  readonly bufferedAmount?: number;
  readonly extensions?: string;
  readonly protocol?: string;
  readonly readyState: number;
  readonly url?: string;
  addEventListener(type: string, listener: any): void;
  removeEventListener(type: string, listener: any): void;
  send(data: any): void;
  close(code?: number, reason?: string): void;
  // Not in browsers.
  on?(type: string, listener: (data: any, isBinary?: boolean) => void): void;
  off?(type: string, listener: (data: any) => void): void;
  ping?(payload: Uint8Array): void;
  pause?(): void;
  resume?(): void;
  terminate?(): void;
}

/** What a connection is made with. */
export interface Connecting {
  readonly url: string;
  readonly subprotocols: string[];
  readonly headers: Record<string, string>;
  readonly tls: any;
  /** The largest incoming message, in bytes. */
  readonly limit: number;
}

/** A socket that connects. */
export interface Connected {
  readonly socket: Socket;
  /** Ends the connection at once, where that is more than the socket's own `terminate`. */
  readonly destroy?: () => void;
  /** Lets go of what was made for this socket only. Called once, behind its end. */
  readonly dispose?: () => void;
  /** Hears messages, where that takes less than by an event for each. */
  readonly hear?: (take: (data: unknown) => void) => void;
}

/** One dialect of `WebSocket`. */
export interface Runtime {
  readonly features: readonly Feature[];
  /** Whether `bufferedAmount` grows in the call by what a text takes, and tells at the end what is left. */
  readonly counts: boolean;
  /** Whether what is sent is copied in the call. */
  readonly copies: boolean;
  connect(connecting: Connecting): Connected;
}
