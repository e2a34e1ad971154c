// What the core calls. No exception leaves these functions, and nothing of the application's runs
// beneath the core but what it has to answer.

import { kindOf, QWebSocketError, report, tame, textOf, UnsupportedError } from "../errors.js";
import { featureOf } from "../names.js";
import { LONGEST } from "../tasks.js";
import type { Host, ReconnectExports } from "../core/contract.js";
import type { Wire } from "../runtimes/wire.js";
import { Alarm, DRAIN, KEEP_ALIVE } from "./alarm.js";
import { lengthOf } from "./convert.js";
import { NO_END, type Instance } from "./instance.js";

/** Of the core: the verdict is left to it. */
const UNDECIDED = NaN;

export function hostOf(instance: Instance): Host {
  const { links, wires, parcels, timers } = instance;
  const linked = (link: number) => links.get(link);
  const wired = (wire: number, run: (wire: Wire) => void) => {
    const found = wires.get(wire);
    if (found) {
      instance.later(() => run(found));
    }
  };
  return {
    pump: (link) => instance.later(() => linked(link)?.pump()),
    wait: (link, ms) => linked(link)?.wait(Math.min(ms, LONGEST)),
    ask: (link, attempt) => linked(link)?.ask(attempt),
    connect: (link, url) => connect(instance, link, url),
    greet: (link) => greet(instance, link),
    decide: (link, wasConnected) => decide(instance, link, wasConnected),
    fail: (kind, features, text) => (instance.told = errorOf(kind, features, text)),
    say: (text) => void (instance.said = text),
    unsent(number, parcel) {
      const found = parcels.get(parcel);
      if (found) {
        instance.taken.push([number, found.message]);
      }
    },
    discard: (parcel) => void parcels.delete(parcel),
    isOpen: (wire) => guarded(() => wires.get(wire)?.isOpen ?? false, false),
    buffered: (wire) => guarded(() => wires.get(wire)?.bufferedAmount ?? 0, 0),
    write: (wire, parcel) => write(instance, wire, parcel),
    probe: (wire) => guarded(() => wires.get(wire)?.probe() ?? -1, -1),
    // The memory is the core's, so the bytes are taken now.
    ping(wire, payload) {
      const bytes = payload.slice();
      wired(wire, (wire) => wire.ping(bytes));
    },
    close: (wire, code, reason) => wired(wire, (wire) => wire.close(code, reason)),
    release: (wire) => guarded(() => wires.get(wire)?.release(), undefined),
    forget: (wire) => void wires.delete(wire),
    later: (link, alarm, ms) => later(instance, link, alarm, ms),
    cancel(timer) {
      timers.get(timer)?.cancel();
      timers.delete(timer);
    },
  };
}

function later(instance: Instance, link: number, alarm: number, ms: number): number {
  const { links, timers } = instance;
  const owner = links.get(link);
  if (!owner || ms > LONGEST) {
    return 0;
  }
  const ring = () => {
    timers.delete(number);
    instance.ring(link, alarm);
  };
  const rest = alarm == KEEP_ALIVE ? () => owner.rest() : undefined;
  const timer = alarm == DRAIN ? owner.pace.look(ring) : new Alarm(ms, rest, ring);
  const number = timers.add(timer);
  return number;
}

function connect(instance: Instance, link: number, url: string): number {
  try {
    const wire = instance.links.get(link)?.connect(url);
    return wire ? instance.wires.add(wire) : 0;
  } catch (thrown) {
    const error = tame(thrown);
    const { name, kind } = Object(error) as { name?: unknown; kind?: unknown };
    const isHopeless = name == "SyntaxError" || kind == "Unsupported";
    instance.refusal = error;
    guarded(() => instance.call((core) => core.refuse(link, isHopeless, textOf(error))), undefined);
    return 0;
  }
}

/** What the runtime refuses while it is open it will not take later. */
function write(instance: Instance, number: number, parcel: number): number {
  const wire = instance.wires.get(number);
  const sent = instance.parcels.get(parcel);
  if (!wire || (parcel && !sent)) {
    return -1;
  }
  try {
    const written = sent
      ? wire.write(sent.message)
      : wire.write(instance.outgoing, instance.outgoingLength);
    if (sent) {
      sent.isHandedOver = true;
      instance.links.get(sent.link)?.pace.restart();
    }
    return written;
  } catch (error) {
    instance.thrown = error;
    if (!sent || !wire.isOpen) {
      return -1;
    }
    const linked = instance.links.get(sent.link);
    instance.later(() => linked?.refused(sent, error));
    // It is out of the queue, and those behind it go out.
    return 0;
  }
}

function greet(instance: Instance, link: number): void {
  guarded(() => {
    for (const message of instance.links.get(link)?.greet() ?? []) {
      const parcel = instance.parcels.add({ message, isHandedOver: false, link });
      const length = lengthOf(message);
      instance.call((core) => (core as ReconnectExports).greeting(link, parcel, length));
    }
  }, undefined);
}

function decide(instance: Instance, link: number, wasConnected: boolean): number {
  const error = instance.told;
  instance.told = undefined;
  return guarded(() => {
    // Of an attempt, the last connection's.
    const end = wasConnected ? instance.endOf(link) : NO_END;
    return instance.links.get(link)?.decide({ ...end, wasConnected, error }) ?? UNDECIDED;
  }, UNDECIDED);
}

/** What the application's function returns, unless it throws. */
function guarded<R>(call: () => R, otherwise: R): R {
  try {
    return call();
  } catch (error) {
    report(error);
    return otherwise;
  }
}

/** The core's error; features are bits. */
function errorOf(kind: number, features: number, text: string): QWebSocketError {
  const feature = features ? featureOf(features) : undefined;
  return feature ? new UnsupportedError(feature) : new QWebSocketError(kindOf(kind), text);
}
