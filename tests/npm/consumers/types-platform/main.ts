// What applications do with the classes, for any compiler and any platform's types.

import { QWebSocket, QWebSocketError, type Options } from "qwebsocket";
import { reconnecting, type ReconnectingWebSocket } from "qwebsocket/reconnecting";
import { typed, type TypedSocket } from "qwebsocket/typed";
import { useReconnecting, type Connection } from "qwebsocket/react";
import { LocalServer, MemoryServer } from "qwebsocket/testing";
import { webSocket } from "qwebsocket/websocket";

class Chat extends QWebSocket {
  say(text: string): number {
    return this.sendTextMessage(text);
  }
}
class Failure extends QWebSocketError {}

const options: Options = { openTimeout: 5_000 };
const chat: Chat = new Chat(options);
chat.ontextMessageReceived = function ({ message }) {
  this.say(message);
};
chat.addEventListener("pong", ({ payload }) => payload.byteLength, { once: true });
export const failure: QWebSocketError = new Failure("TimedOut");
export const socket: ReconnectingWebSocket = reconnecting("wss://example.com/");
export const values: TypedSocket<number, string> = typed<number, string>(socket);
export const state: number = new (webSocket({ reconnecting: true }))("/chat").readyState;
new Chat({ webSocket: new MemoryServer().WebSocket });
export const shown: () => Connection = () => useReconnecting("wss://example.com/");
export const stop: (server: LocalServer) => Promise<void> = (server) => server.stop();
// @ts-expect-error: not a text
chat.say(1);
