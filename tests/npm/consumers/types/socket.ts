// The members of the class, and what they refuse.

import { features, init, QWebSocket, QWebSocketError, UnsupportedError } from "qwebsocket";
import type { ErrorKind, Feature, Options, Received, State } from "qwebsocket";

import { exactly } from "./exactly.js";

const socket = new QWebSocket({
  webSocket: WebSocket,
  writeQueue: 1024,
  closeTimeout: Infinity,
  bestEffort: ["READ_BUFFER"],
  log: console,
  keepAlive: { interval: 1000, probe: "ping", isAnswer: (message) => message === "pong" },
});
exactly<EventTarget>()(socket as EventTarget);
new QWebSocket({
  log: (type, about) => {
    exactly<string>()(type);
    exactly<Readonly<Record<string, unknown>>>()(about);
  },
});
// @ts-expect-error: not the name of a console
new QWebSocket({ log: "console" });

exactly<Promise<void>>()(socket.open("ws://localhost/"));
exactly<Promise<void>>()(
  socket.open(new URL("ws://localhost/"), {
    subprotocols: ["chat.v2"],
    signal: AbortSignal.timeout(1000),
    headers: { Authorization: "none" },
    tls: { ca: ["pem"], rejectUnauthorized: true },
  }),
);
exactly<number>()(socket.sendTextMessage("text"));
exactly<number>()(socket.sendBinaryMessage(new ArrayBuffer(1)));
exactly<number>()(socket.sendBinaryMessage(new SharedArrayBuffer(1)));
exactly<number>()(socket.sendBinaryMessage(new Float64Array(1)));
exactly<number>()(socket.sendBinaryMessage(new DataView(new ArrayBuffer(1))));
exactly<number>()(socket.sendBinaryMessage(new Blob()));
exactly<number>()(socket.bytesToWrite);
exactly<Promise<void>>()(socket.drained());
exactly<void>()(socket.close());
exactly<void>()(socket.close(1000, "bye"));
exactly<void>()(socket.abort());
exactly<void>()(socket.ping(Uint8Array.of(1)));
exactly<State>()(socket.state);
exactly<"unconnected" | "connecting" | "connected" | "closing">()(socket.state);
exactly<boolean>()(socket.isValid);
exactly<number | undefined>()(socket.closeCode);
exactly<number | undefined>()(socket.peerCloseCode);
exactly<string>()(socket.peerCloseReason);
exactly<string>()(socket.closeReason);
exactly<QWebSocketError | undefined>()(socket.error);
exactly<string>()(socket.errorString);
exactly<string>()(socket.subprotocol);
exactly<string>()(socket.extensions);
exactly<string>()(socket.requestUrl);
exactly<boolean>()(socket.supports("PING"));
exactly<readonly Feature[]>()(socket.features);
exactly<readonly Feature[]>()(features);
exactly<void>()(init());
exactly<void>()(init(await WebAssembly.compile(new ArrayBuffer(0))));

for await (const message of socket) {
  exactly<Received>()(message);
  exactly<string | ArrayBuffer>()(message);
}
exactly<IteratorResult<Received>>()(await socket.messages().next());
{
  using mine = socket;
  await using messages = mine.messages();
}

try {
  socket.ping();
} catch (error) {
  if (error instanceof UnsupportedError) {
    exactly<Feature>()(error.feature);
    exactly<"Unsupported">()(error.kind);
  } else if (error instanceof QWebSocketError) {
    exactly<ErrorKind>()(error.kind);
    exactly<string>()(error.message);
  }
}
exactly<Options | undefined>()(undefined as ConstructorParameters<typeof QWebSocket>[0]);

// @ts-expect-error: an option has another name
new QWebSocket({ webSockets: WebSocket });
// @ts-expect-error: subprotocols are a list
socket.open("ws://localhost/", { subprotocols: "chat.v2" });
// @ts-expect-error: a number is no URL
socket.open(1);
// @ts-expect-error: bytes are no text
socket.sendTextMessage(new Uint8Array(1));
// @ts-expect-error: a text is not binary
socket.sendBinaryMessage("text");
// @ts-expect-error: codes are numbers
socket.close("1000");
// @ts-expect-error: there is no such feature
socket.supports("TELEPATHY");
// @ts-expect-error: states are read
socket.state = "connected";
// @ts-expect-error: there is no such state
socket.state === "open";
// @ts-expect-error: the list of features is not changed
socket.features.push("PING");
// @ts-expect-error: an error names its kind
new QWebSocketError("Other");
