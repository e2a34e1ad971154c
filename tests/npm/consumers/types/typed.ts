// Values instead of messages.

import { QWebSocket } from "qwebsocket";
import { reconnecting } from "qwebsocket/reconnecting";
import { json, SchemaError, typed } from "qwebsocket/typed";
import type {
  Codec,
  Issue,
  MalformedEvent,
  MessageReceivedEvent,
  Schema,
  TypedSocket,
} from "qwebsocket/typed";
import type { Received, Sendable } from "qwebsocket";

import { exactly } from "./exactly.js";

interface News {
  title: string;
}
interface Command {
  subscribe: string;
}

const socket = new QWebSocket();
exactly<TypedSocket<unknown, unknown>>()(typed(socket));
const chat = typed<News, Command>(socket);
exactly<TypedSocket<News, Command>>()(chat);
exactly<TypedSocket<News, News>>()(typed<News>(reconnecting("ws://localhost/")));
exactly<number>()(chat.send({ subscribe: "news" }));
exactly<void>()(chat.close(1000, "bye"));
for await (const news of chat) {
  exactly<News>()(news);
}
for await (const news of chat.messages()) {
  exactly<News>()(news);
}

chat.onmessageReceived = (event) => {
  exactly<MessageReceivedEvent<News>>()(event);
  exactly<"messageReceived">()(event.type);
  exactly<News>()(event.value);
};
chat.onmalformed = (event) => {
  exactly<MalformedEvent>()(event);
  exactly<"malformed">()(event.type);
  exactly<Received>()(event.message);
  exactly<unknown>()(event.error);
  if (event.error instanceof SchemaError) {
    exactly<readonly Issue[]>()(event.error.issues);
  }
};
chat.addEventListener("messageReceived", (event) => exactly<MessageReceivedEvent<News>>()(event));
chat.addEventListener("malformed", (event) => exactly<MalformedEvent>()(event));

const codec: Codec<Date, number> = {
  encode: (value) => {
    exactly<number>()(value);
    return Uint8Array.of(value) as Sendable;
  },
  decode: (message) => {
    exactly<Received>()(message);
    return new Date();
  },
};
exactly<TypedSocket<Date, number>>()(typed(socket, { codec }));
exactly<Codec<News, Command>>()(json<News, Command>());

declare const schema: Schema<News>;
exactly<TypedSocket<News, News>>()(typed(socket, { schema }));
exactly<TypedSocket<News, Command>>()(
  typed(socket, { schema, codec: json<unknown, Command>() }),
);

// @ts-expect-error: no command
chat.send({ title: "news" });
// @ts-expect-error: there is no such event
chat.addEventListener("messageReceived", (event: MalformedEvent) => event);
// @ts-expect-error: a codec decodes, too
typed(socket, { codec: { encode: () => "" } });
// @ts-expect-error: no schema
typed(socket, { schema: { parse: () => 1 } });
