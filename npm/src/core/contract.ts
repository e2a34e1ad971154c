// What the core and its host are for each other. The generated modules are checked against it.

import type { Coding } from "../platform.js";

/** What the core exports, with or without reconnecting. All but texts and bytes are numbers. */
export interface CoreExports {
  abort(id: number): number;
  buffered(id: number): number;
  close(id: number, code: number, reason: string): number;
  closed(id: number, byPeer: boolean): number;
  ended(id: number, clean: boolean, code: number, reason: string): void;
  error(id: number): void;
  failing(id: number, why: string): void;
  flushed(id: number): boolean;
  free(id: number): void;
  make(
    incomingMessage: number,
    receiveQueue: number,
    writeQueue: number,
    open: number,
    close: number,
    features: number,
    interval: number,
    limit: number,
  ): number;
  next(id: number): number;
  open(id: number, lines: string, subprotocols: number, hasOrigin: boolean): number;
  opened(id: number): void;
  page(id: number, returns: boolean): void;
  ping(id: number, payload: Uint8Array): number;
  ponged(id: number, payload: Uint8Array): void;
  received(
    id: number,
    length: number,
    isAnswer: boolean,
    waiting: number,
    canBeTold: boolean,
  ): number;
  refuse(id: number, isHopeless: boolean, why: string): void;
  send(id: number, parcel: number, length: number): number;
  sent(id: number, length: number): void;
  state(id: number): number;
  timer_fired(id: number, timer: number): void;
}

/** What the core with reconnecting exports besides. */
export interface ReconnectExports extends CoreExports {
  again(
    id: number,
    first: number,
    maximum: number,
    attempts: number,
    uptime: number,
    seed: number,
    queue: number,
    dropsOldest: boolean,
    number: number,
  ): void;
  answer(id: number, lines: string, subprotocols: number, hasOrigin: boolean): void;
  carried(id: number): void;
  command(id: number, which: number, number: number): number;
  first(id: number): number;
  greeting(id: number, parcel: number, length: number): void;
  push(id: number, parcel: number, length: number): number;
  second(id: number): number;
  take_unsent(id: number): number;
}

/** What the core calls. */
export interface Host {
  pump(link: number): void;
  wait(link: number, ms: number): void;
  connect(link: number, url: string): number;
  ask(link: number, attempt: number): void;
  greet(link: number): void;
  decide(link: number, wasConnected: boolean): number;
  fail(kind: number, features: number, text: string): void;
  say(text: string): void;
  unsent(number: number, parcel: number): void;
  discard(parcel: number): void;
  isOpen(wire: number): boolean;
  buffered(wire: number): number;
  write(wire: number, parcel: number): number;
  probe(wire: number): number;
  ping(wire: number, payload: Uint8Array): void;
  close(wire: number, code: number, reason: string): void;
  later(link: number, alarm: number, ms: number): number;
  cancel(timer: number): void;
  release(wire: number): void;
  forget(wire: number): void;
}

/** The glue of one instance. */
export interface Glue<Exports extends CoreExports> {
  /** What the module imports, by the names that it has for it. */
  readonly imports: WebAssembly.Imports;
  /** Its exports as functions of texts and bytes; they work once this has the instance. */
  use(instance: WebAssembly.Instance): Exports;
}

/** A core as the build leaves it: its bytes, each a character, and a glue for each instance. */
export interface CoreCode<Exports extends CoreExports = CoreExports> {
  readonly bytes: () => string;
  /** Which character is which byte. */
  readonly alphabet: string;
  readonly glue: (host: Host, coding: Coding) => Glue<Exports>;
  /** Whether it can reconnect. */
  readonly reconnects: boolean;
}
