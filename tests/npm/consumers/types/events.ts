// What the listeners of each signal get.

import { QWebSocket } from "qwebsocket";
import type {
  BinaryMessageEvent,
  BytesWrittenEvent,
  ErrorOccurredEvent,
  PongEvent,
  QWebSocketError,
  QWebSocketEvent,
  QWebSocketEventMap,
  SignalEvent,
  State,
  StateChangedEvent,
  TextMessageEvent,
} from "qwebsocket";

import { exactly } from "./exactly.js";

const socket = new QWebSocket();

socket.addEventListener("stateChanged", (event) => {
  exactly<StateChangedEvent>()(event);
  exactly<"stateChanged">()(event.type);
  exactly<State>()(event.state);
});
socket.addEventListener("connected", (event) => exactly<SignalEvent<"connected">>()(event));
socket.addEventListener("aboutToClose", (event) => exactly<SignalEvent<"aboutToClose">>()(event));
socket.addEventListener("disconnected", (event) => exactly<SignalEvent<"disconnected">>()(event));
socket.addEventListener("readChannelFinished", (event) => {
  exactly<SignalEvent<"readChannelFinished">>()(event);
  exactly<"readChannelFinished">()(event.type);
});
socket.addEventListener("textMessageReceived", function (event) {
  exactly<TextMessageEvent>()(event);
  exactly<"textMessageReceived">()(event.type);
  exactly<string>()(event.message);
  exactly<QWebSocket>()(this);
});
socket.addEventListener("binaryMessageReceived", (event) => {
  exactly<BinaryMessageEvent>()(event);
  exactly<"binaryMessageReceived">()(event.type);
  exactly<ArrayBuffer>()(event.message);
});
socket.addEventListener("bytesWritten", (event) => {
  exactly<BytesWrittenEvent>()(event);
  exactly<"bytesWritten">()(event.type);
  exactly<number>()(event.bytes);
});
socket.addEventListener("errorOccurred", (event) => {
  exactly<ErrorOccurredEvent>()(event);
  exactly<"errorOccurred">()(event.type);
  exactly<QWebSocketError>()(event.error);
});
socket.addEventListener("pong", (event) => {
  exactly<PongEvent>()(event);
  exactly<"pong">()(event.type);
  exactly<number | undefined>()(event.elapsed);
  exactly<Uint8Array<ArrayBuffer>>()(event.payload);
});

socket.onstateChanged = (event) => exactly<StateChangedEvent>()(event);
socket.onconnected = (event) => exactly<SignalEvent<"connected">>()(event);
socket.onaboutToClose = (event) => exactly<SignalEvent<"aboutToClose">>()(event);
socket.ondisconnected = (event) => exactly<SignalEvent<"disconnected">>()(event);
socket.onreadChannelFinished = (event) => exactly<SignalEvent<"readChannelFinished">>()(event);
socket.ontextMessageReceived = (event) => exactly<TextMessageEvent>()(event);
socket.onbinaryMessageReceived = (event) => exactly<BinaryMessageEvent>()(event);
socket.onbytesWritten = (event) => exactly<BytesWrittenEvent>()(event);
socket.onerrorOccurred = (event) => exactly<ErrorOccurredEvent>()(event);
socket.onpong = function (event) {
  exactly<PongEvent>()(event);
  exactly<QWebSocket>()(this);
};
socket.onpong = null;

socket.addEventListener("connected", {
  handleEvent: (event) => exactly<"connected">()(event.type),
});
socket.addEventListener("pong", (event) => event.payload, {
  once: true,
  signal: AbortSignal.abort(),
});
socket.removeEventListener("pong", (event) => exactly<PongEvent>()(event));
// Others may dispatch events of their own.
socket.addEventListener("mine", (event) => exactly<Event>()(event));

for await (const event of socket.events()) {
  exactly<QWebSocketEvent>()(event);
  if (event.type === "errorOccurred") {
    exactly<ErrorOccurredEvent>()(event);
  }
  // @ts-expect-error: only some events have a message
  event.message;
}

exactly<
  | "stateChanged"
  | "connected"
  | "aboutToClose"
  | "disconnected"
  | "readChannelFinished"
  | "textMessageReceived"
  | "binaryMessageReceived"
  | "bytesWritten"
  | "errorOccurred"
  | "pong"
>()("connected" as keyof QWebSocketEventMap);

// @ts-expect-error: a text is no ArrayBuffer
socket.addEventListener("textMessageReceived", (event: BinaryMessageEvent) => event);
// @ts-expect-error: this event carries nothing
socket.addEventListener("connected", (event) => event.message);
// @ts-expect-error: a text is no number
socket.ontextMessageReceived = ({ message }: { message: number }) => message;
// @ts-expect-error: there is no such signal
socket.onmessage = () => {};
// @ts-expect-error: events are not changed
socket.onstateChanged = (event) => (event.state = "closing");
