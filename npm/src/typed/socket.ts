// `TypedSocket`: values instead of messages, over a socket of either kind.

import { isThenable } from "../border/convert.js";
import { Listeners } from "../events/listeners.js";
import { Signal } from "../events/signal.js";
import { SignalTarget } from "../events/target.js";
import type { Iterator } from "../sockets/endpoint.js";
import type { QWebSocket } from "../sockets/qwebsocket.js";
import type { ReconnectingWebSocket } from "../sockets/reconnecting.js";
import type { Handler, Received, Sendable } from "../types.js";
import type { Codec } from "./codec.js";
import { type Schema, valueOf } from "./schema.js";

/** A message that is what it should be. */
export interface MessageReceivedEvent<In> extends Event {
  /** The name of the event. */
  readonly type: "messageReceived";
  /** What the codec, and the schema, have made of it. */
  readonly value: In;
}

/** A message that is not; the connection goes on. */
export interface MalformedEvent extends Event {
  /** The name of the event. */
  readonly type: "malformed";
  /** The message, as it arrived. */
  readonly message: Received;
  /** What the codec has thrown, or a {@link SchemaError}. */
  readonly error: unknown;
}

/** The events of a {@link TypedSocket}. */
export interface TypedEventMap<In> {
  /** A value has arrived. */
  messageReceived: MessageReceivedEvent<In>;
  /** A message has arrived that has none. */
  malformed: MalformedEvent;
}

/** What became of a message. */
type Outcome<In> = { readonly value: In } | { readonly error: unknown };

/** What tells messages; the events that all others have are of no concern. */
type Told = Event & { readonly message?: Received };

/**
 * The values of a socket; made by {@link typed}. The socket itself stays as it is, and is asked for all
 * else: its state, its end, its other events.
 *
 * Each message is decoded once, when it arrives, for all listeners and iterators. One that cannot be
 * decoded, or is not what the schema says, is told as `malformed` and left out; what is behind it goes
 * on. Where a schema answers later, all values keep the order of their messages, and the last ones may
 * come behind the socket's `disconnected`.
 */
export class TypedSocket<In, Out> extends SignalTarget<TypedEventMap<In>> {
  /** The same in every copy of the package, and when the code is minified. */
  static override readonly name: string = "TypedSocket";
  readonly #socket: QWebSocket | ReconnectingWebSocket;
  readonly #codec: Codec<unknown, Out>;
  readonly #schema: Schema<In> | undefined;
  readonly #listeners: Listeners;
  /** By the events of the messages, which iterators hear, too. */
  readonly #outcomes: WeakMap<Event, Outcome<In> | Promise<Outcome<In>>> = new WeakMap();
  /** The last message that a schema still looks at, told. */
  #pending: Promise<unknown> | undefined;

  /** @internal */
  constructor(
    socket: QWebSocket | ReconnectingWebSocket,
    codec: Codec<unknown, Out>,
    schema: Schema<In> | undefined,
  ) {
    const listeners = new Listeners();
    super(listeners);
    SignalTarget.define(TypedSocket.prototype, ["messageReceived", "malformed"]);
    this.#listeners = listeners;
    this.#socket = socket;
    this.#codec = codec;
    this.#schema = schema;
    for (const type of ["textMessageReceived", "binaryMessageReceived"]) {
      socket.addEventListener(type, (event) => this.#take(event as Told));
    }
  }

  /**
   * Encodes a value and sends it. Returns what the socket does: how many bytes these were, or the number
   * of the message.
   *
   * @throws what the codec throws, and what the socket does.
   */
  send(value: Out): number {
    const message: Sendable = this.#codec.encode(value);
    const socket = this.#socket;
    if ("send" in socket) {
      return socket.send(message);
    }
    return typeof message == "string"
      ? socket.sendTextMessage(message)
      : socket.sendBinaryMessage(message);
  }

  /**
   * As the `close` of the socket.
   *
   * @throws as that one.
   */
  close(code: number = 1000, reason: string = ""): void {
    this.#socket.close(code, reason);
  }

  /**
   * The values from now on, to the end of the connection; as the `messages` of the socket, with the same
   * bounds for what waits.
   */
  messages(): Iterator<In> {
    const events = this.#socket.events() as Iterator<Told>;
    const reading = { isLeft: false };
    const values = this.#values(events, reading);
    const leave = async () => {
      reading.isLeft = true;
      await events.return?.();
      return values.return(undefined);
    };
    const iterator: AsyncIterableIterator<In> & Partial<AsyncDisposable> = {
      next: () => values.next(),
      return: leave,
      [Symbol.asyncIterator]: () => iterator,
    };
    if (Symbol.asyncDispose) {
      iterator[Symbol.asyncDispose] = async () => void (await leave());
    }
    return iterator as Iterator<In>;
  }
  /** {@link messages}. */
  [Symbol.asyncIterator](): Iterator<In> {
    return this.messages();
  }

  /** Called with each value. */
  declare onmessageReceived: Handler<this, MessageReceivedEvent<In>>;
  /** Called with each message that has none; without a listener it is left out silently. */
  declare onmalformed: Handler<this, MalformedEvent>;

  async *#values(
    events: Iterator<Told>,
    reading: { readonly isLeft: boolean },
  ): AsyncGenerator<In, undefined> {
    for await (const event of events) {
      const outcome = await this.#outcomes.get(event);
      if (outcome && "value" in outcome) {
        yield outcome.value;
      }
    }
    if (this.#socket.error && !reading.isLeft) {
      throw this.#socket.error;
    }
    return undefined;
  }

  #take(event: Told): void {
    const message = event.message as Received;
    const outcome = this.#read(message);
    if (!this.#pending && !(outcome instanceof Promise)) {
      this.#outcomes.set(event, outcome);
      this.#tell(message, outcome);
      return;
    }
    const told = Promise.all([outcome, this.#pending]).then(([outcome]) => {
      if (this.#pending == told) {
        this.#pending = undefined;
      }
      this.#tell(message, outcome);
      return outcome;
    });
    this.#pending = told;
    this.#outcomes.set(event, told);
  }

  #read(message: Received): Outcome<In> | Promise<Outcome<In>> {
    const failed = (error: unknown) => ({ error });
    try {
      const value = this.#codec.decode(message);
      const { validate } = this.#schema?.["~standard"] ?? {};
      if (!validate) {
        return { value: value as In };
      }
      const validated = validate(value);
      return isThenable(validated)
        ? Promise.resolve(validated)
            .then((validated) => ({ value: valueOf(validated) }))
            .catch(failed)
        : { value: valueOf(validated) };
    } catch (error) {
      return failed(error);
    }
  }

  #tell(message: Received, outcome: Outcome<In>): void {
    const isValid = "value" in outcome;
    const signal = new Signal(this, isValid ? "messageReceived" : "malformed");
    this.#listeners.tell(this, Object.assign(signal, isValid ? outcome : { ...outcome, message }));
  }
}
