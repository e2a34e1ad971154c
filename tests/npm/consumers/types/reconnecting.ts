// A connection that comes back.

import { QWebSocket, reconnecting, ReconnectingWebSocket } from "qwebsocket/reconnecting";
import type {
  AttemptEvent,
  AttemptFailedEvent,
  DroppedEvent,
  EndedEvent,
  Ending,
  GivenUpEvent,
  QWebSocketError,
  Received,
  ReconnectingEvent,
  ReconnectingEventMap,
  Sendable,
  SignalEvent,
  TextMessageEvent,
  WaitingEvent,
} from "qwebsocket/reconnecting";

import { exactly } from "./exactly.js";

const socket = reconnecting("ws://localhost/", {
  subprotocols: ["chat.v2"],
  firstDelay: 100,
  whenFull: "dropOldest",
  paused: true,
  log: () => {},
  greeting: (socket) => [`subscribe after ${socket.unwritten}`, Uint8Array.of(1)],
  decide: (ending) => {
    exactly<Ending>()(ending);
    return ending.wasConnected ? { retryAfter: 1000 } : "giveUp";
  },
});
exactly<ReconnectingWebSocket>()(socket);
reconnecting(async (attempt) => {
  exactly<number>()(attempt);
  return { url: new URL("ws://localhost/"), subprotocols: ["token"] };
});

socket.addEventListener("attempt", (event) => {
  exactly<AttemptEvent>()(event);
  exactly<"attempt">()(event.type);
  exactly<number>()(event.attempt);
});
socket.addEventListener("attemptFailed", (event) => {
  exactly<AttemptFailedEvent>()(event);
  exactly<"attemptFailed">()(event.type);
  exactly<QWebSocketError | undefined>()(event.error);
});
socket.addEventListener("waiting", (event) => {
  exactly<WaitingEvent>()(event);
  exactly<"waiting">()(event.type);
  exactly<number>()(event.attempt);
  exactly<number>()(event.delay);
});
socket.addEventListener("offline", (event) => exactly<SignalEvent<"offline">>()(event));
socket.addEventListener("ended", (event) => {
  exactly<EndedEvent>()(event);
  exactly<"ended">()(event.type);
  exactly<true>()(event.wasConnected);
  exactly<QWebSocketError | undefined>()(event.error);
  exactly<number | undefined>()(event.closeCode);
  exactly<number | undefined>()(event.peerCloseCode);
  exactly<string>()(event.peerCloseReason);
  exactly<string>()(event.closeReason);
  exactly<readonly [from: number, to: number]>()(event.unknown);
});
socket.addEventListener("dropped", (event) => {
  exactly<DroppedEvent>()(event);
  exactly<"dropped">()(event.type);
  exactly<number>()(event.number);
  exactly<Sendable>()(event.message);
  exactly<unknown>()(event.reason);
});
socket.addEventListener("givenUp", (event) => {
  exactly<GivenUpEvent>()(event);
  exactly<"givenUp">()(event.type);
  exactly<number>()(event.attempts);
});
socket.addEventListener("textMessageReceived", (event) => exactly<TextMessageEvent>()(event));

socket.onattempt = (event) => exactly<AttemptEvent>()(event);
socket.onattemptFailed = (event) => exactly<AttemptFailedEvent>()(event);
socket.onwaiting = (event) => exactly<WaitingEvent>()(event);
socket.onoffline = (event) => exactly<SignalEvent<"offline">>()(event);
socket.onended = (event) => exactly<EndedEvent>()(event);
socket.ondropped = (event) => exactly<DroppedEvent>()(event);
socket.ongivenUp = (event) => exactly<GivenUpEvent>()(event);

exactly<number>()(socket.send("text"));
exactly<number>()(socket.send(new Blob()));
exactly<number>()(socket.unwritten);
exactly<[number, message: Sendable][]>()(socket.takeUnsent());
exactly<void>()(socket.acknowledge(1));
exactly<void>()(socket.setOnline(false));
exactly<void>()(socket.reconnectNow());
for await (const event of socket.events()) {
  exactly<ReconnectingEvent>()(event);
}
for await (const message of socket) {
  exactly<Received>()(message);
}
exactly<"attempt" | "attemptFailed" | "waiting" | "offline" | "ended" | "dropped" | "givenUp">()(
  "ended" as Exclude<keyof ReconnectingEventMap, keyof import("qwebsocket/reconnecting").QWebSocketEventMap>,
);

// @ts-expect-error: a plain socket does not wait
new QWebSocket().onwaiting = () => {};
// @ts-expect-error: it is made by `reconnecting`
new ReconnectingWebSocket();
// @ts-expect-error: there is no such verdict
reconnecting("ws://localhost/", { decide: () => "later" });
// @ts-expect-error: numbers are not sent
socket.send(1);
// @ts-expect-error: attempts have numbers, not delays
socket.onattempt = ({ delay }) => delay;
