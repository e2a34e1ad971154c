// What the core calls. Numbers and texts cross, nothing else: engines, sockets, messages and timers
// have numbers there.

import { closed, ring, send as sendOutgoing, take_unsent } from "qwebsocket";
import { errorOf } from "./errors.js";

// More, and a timer would end at once (HTML §8.6).
const LONGEST = 2 ** 31 - 1;

class Numbered extends Map {
  #last = 0;

  add(thing) {
    this.set(++this.#last, thing);
    return this.#last;
  }
}

// By the numbers of their links.
export const engines = [];
export const wires = new Numbered();
export const parcels = new Numbered();
const timers = new Numbered();

// What the core has told last: an error, a reason, messages.
let told;
let said;
let taken;
// What the runtime has thrown.
let thrown;
// The message that is being sent.
let outgoing;

export function pump(link) {
  engines[link].pump();
}
export function wait(link, ms) {
  engines[link].wait(Math.min(ms, LONGEST));
}
export function connect(link, url) {
  return engines[link].connect(url);
}
export function ask(link, attempt) {
  engines[link].ask(attempt);
}
export function greet(link) {
  engines[link].greet();
}
export function decide(link, wasConnected, code, reason) {
  return engines[link].decide(wasConnected, takeError(), code || undefined, reason);
}

export function fail(kind, features, text) {
  told = errorOf(kind, features, text);
}
export function say(text) {
  said = text;
}
export function unsent(number, parcel) {
  taken.push([number, parcels.get(parcel)]);
}
export function discard(parcel) {
  parcels.delete(parcel);
}

export function isOpen(wire) {
  return wires.get(wire).readyState == 1;
}
export function buffered(wire) {
  return wires.get(wire).bufferedAmount;
}
export function write(wire, parcel) {
  try {
    return wires.get(wire).write(parcel ? parcels.get(parcel) : outgoing);
  } catch (error) {
    thrown = error;
    return -1;
  }
}
export function probe(wire) {
  return wires.get(wire).probe();
}
export function ping(wire, payload) {
  wires.get(wire).ping(payload);
}
export function close(wire, code, reason) {
  wires.get(wire).close(code, reason);
}
export function release(wire) {
  wires.get(wire).release();
}
export function forget(wire) {
  wires.delete(wire);
}

export function later(link, alarm, ms) {
  if (ms > LONGEST) {
    return 0;
  }
  return timers.add(setTimeout(() => ring(link, alarm), ms));
}
export function cancel(timer) {
  clearTimeout(timers.get(timer));
  timers.delete(timer);
}

// For the shell: what a call of the core returns, or else what it has told.
export function checked(value) {
  if (isNaN(value)) {
    throw takeError() ?? thrown;
  }
  return value;
}
// Sends a message, and returns its length in bytes; `length` is what the core checks.
export function send(link, message, length) {
  outgoing = message;
  try {
    return checked(sendOutgoing(link, 0, length));
  } finally {
    outgoing = undefined;
  }
}
// The error that this call of the core tells.
export function errorBy(tell, link) {
  tell(link);
  return takeError();
}
// Why the connection of a link was closed.
export function endOf(link) {
  said = "";
  const code = closed(link) || undefined;
  return { code, reason: said };
}
export function takeUnsent(link) {
  taken = [];
  checked(take_unsent(link));
  return taken;
}

function takeError() {
  const error = told;
  told = undefined;
  return error;
}
