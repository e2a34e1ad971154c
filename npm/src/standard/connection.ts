// What an object of the standard shape connects by: one connection, or one that comes back.

import type { QWebSocket } from "../sockets/qwebsocket.js";
import type { ReconnectingWebSocket } from "../sockets/reconnecting.js";
import type { reconnecting } from "../reconnecting.js";
import type { Ending, Received, Sendable } from "../types.js";
import type { AgainOptions, CloseInit, OnceOptions } from "./options.js";

/** What a connection tells. */
export interface Hearer {
  /** Whether the application has closed it: then no further connection follows. */
  readonly isClosed: boolean;
  opened(): void;
  received(data: Received): void;
  closing(): void;
  /** A connection, or an attempt, has ended. Whether another will follow, and whether it failed. */
  ended(isGoingOn: boolean, isFailure: boolean, close: CloseInit): void;
}

/** A connection, whose `socket` has what both kinds have in common. */
export interface Connection {
  readonly socket: QWebSocket | ReconnectingWebSocket;
  /** Whether it takes messages while there is none. */
  readonly keeps: boolean;
  send(message: Sendable): void;
}

/** Connects. */
export type Connect = (
  target: { readonly url: URL; readonly subprotocols: string[] },
  hearer: Hearer,
) => Connection;

/** The end of a connection without a close frame (RFC 6455 §7.1.5). */
export const LOST: CloseInit = { code: 1006, reason: "", wasClean: false };

type Ended = Pick<Ending, "peerCloseCode" | "peerCloseReason">;

function closeOf({ peerCloseCode: code, peerCloseReason: reason }: Ended): CloseInit {
  return code === undefined ? LOST : { code, reason, wasClean: true };
}

function hear(socket: QWebSocket | ReconnectingWebSocket, hearer: Hearer): void {
  socket.addEventListener("connected", () => hearer.opened());
  socket.addEventListener("stateChanged", (event) => {
    if ((event as { state?: string }).state == "closing") {
      hearer.closing();
    }
  });
  const received = ({ message }: { message?: Received }) => hearer.received(message as Received);
  socket.addEventListener("textMessageReceived", received as () => void);
  socket.addEventListener("binaryMessageReceived", received as () => void);
}

/** Makes what each object of `QWebSocket` connects by; looks at the options now. */
export function once(
  Class: typeof QWebSocket,
  { headers, origin, tls, ...options }: Omit<OnceOptions, "reconnecting">,
): Connect {
  void new Class(options);
  return ({ url, subprotocols }, hearer) => {
    const socket = new Class(options);
    hear(socket, hearer);
    const ended = () => hearer.ended(false, socket.error !== undefined, closeOf(socket));
    socket.addEventListener("disconnected", ended);
    // What no event tells is a failure all the same.
    socket
      .open(url, { subprotocols, headers, origin, tls })
      .catch(() => hearer.ended(false, true, LOST));
    const send = (message: Sendable) =>
      typeof message == "string"
        ? socket.sendTextMessage(message)
        : socket.sendBinaryMessage(message);
    return { socket, keeps: false, send };
  };
}

/** The same for connections that come back. */
export function again(
  make: typeof reconnecting,
  options: Omit<AgainOptions, "reconnecting">,
): Connect {
  make("ws://localhost/", { ...options, paused: true });
  return (target, hearer) => {
    const socket = make(target, options);
    hear(socket, hearer);
    // Told when it is known whether another will follow.
    let isFailure = false;
    let close = LOST;
    const tell = (isGoingOn: boolean) => () => hearer.ended(isGoingOn, isFailure, close);
    socket.addEventListener("attemptFailed", () => {
      [isFailure, close] = [true, LOST];
    });
    socket.addEventListener("ended", (ending) => {
      [isFailure, close] = [ending.error !== undefined, closeOf(ending)];
      if (hearer.isClosed) {
        tell(false)();
      }
    });
    socket.addEventListener("waiting", tell(true));
    socket.addEventListener("offline", tell(true));
    socket.addEventListener("givenUp", tell(false));
    return { socket, keeps: true, send: (message) => void socket.send(message) };
  };
}
