// The options, one line each: how a value is converted, its range, the feature that it needs.

import { QWebSocketError, UnsupportedError } from "../errors.js";
import { featureNames } from "../names.js";
import type { Feature } from "../types.js";
import * as convert from "./convert.js";

type Converter = (value: unknown, name: string) => unknown;

interface Rule {
  convert: Converter;
  feature?: Feature;
}

/** Options by their names, all of them converted. */
export type Converted = Record<string, unknown>;

const any: Converter = (value) => value;

function between(low: number, high: number): Converter {
  return (value, name) => {
    const number = convert.number(value);
    if (!(number >= low && number <= high)) {
      throw new QWebSocketError("InvalidInput", `${name} is out of its range: ${number}`);
    }
    return number;
  };
}

const size = between(0, 2 ** 31 - 2);
const amount = between(0, Infinity);
const positive = between(1, Infinity);

const KEEP_ALIVE: Record<string, Converter> = {
  interval: positive,
  limit: positive,
  // Not to be changed behind our back, and asked with again and again.
  probe: (value) =>
    typeof value == "string" ? value : convert.copy(convert.binary(value) as ArrayBuffer),
  isAnswer: convert.callable,
};

function keepAlive(value: unknown): unknown {
  const given = convert.dictionary(value as object, "keepAlive") as Converted;
  const made: Converted = {};
  for (const name of Object.keys(given)) {
    const path = `keepAlive.${name}`;
    const rule = ownOf(KEEP_ALIVE, name) ?? unknownOption(path);
    if (given[name] !== undefined) {
      made[name] = rule(given[name], path);
    }
  }
  for (const name of ["interval", "probe", "isAnswer"]) {
    if (made[name] === undefined) {
      throw new TypeError(`keepAlive.${name} is missing`);
    }
  }
  // As a method, `isAnswer` may use `this`.
  made["isAnswer"] = (message: unknown) =>
    (given as { isAnswer(m: unknown): unknown }).isAnswer(message);
  return made;
}

function features(value: unknown, name: string): string[] {
  const texts = convert.texts(value, name);
  const known: readonly string[] = featureNames();
  const unknown = texts.find((text) => !known.includes(text));
  if (unknown !== undefined) {
    unknownOption(`${name} ${unknown}`);
  }
  return texts;
}

const SOCKET: Record<string, Rule> = {
  webSocket: { convert: convert.callable },
  stream: { convert: convert.flag },
  readBufferSize: { convert: positive, feature: "READ_BUFFER" },
  receiveQueue: { convert: amount },
  writeQueue: { convert: amount },
  maxAllowedIncomingMessageSize: { convert: size },
  openTimeout: { convert: amount },
  closeTimeout: { convert: amount },
  keepAlive: { convert: keepAlive },
  bestEffort: { convert: features },
  log: { convert: convert.log },
  frames: { convert: any, feature: "FRAMES" },
  outgoingFrameSize: { convert: any, feature: "OUTGOING_FRAME" },
  maxAllowedIncomingFrameSize: { convert: any, feature: "INCOMING_FRAME" },
  maskGenerator: { convert: any, feature: "MASKS" },
  compression: { convert: any, feature: "COMPRESSION" },
  credentials: { convert: any, feature: "AUTHENTICATION" },
  proxy: { convert: any, feature: "PROXY" },
  redirects: { convert: any, feature: "REDIRECTS" },
};

const REQUEST: Record<string, Rule> = {
  subprotocols: { convert: convert.texts },
  headers: { convert: convert.headers },
  origin: { convert: convert.text },
  tls: { convert: convert.dictionary as Converter, feature: "TLS_CONFIG" },
};

const SIGNAL: Record<string, Rule> = { signal: { convert: convert.signal } };

function whenFull(value: unknown): unknown {
  if (value != "refuse" && value != "dropOldest") {
    throw new TypeError(`whenFull is ${convert.show(value)}, not "refuse" or "dropOldest"`);
  }
  return value;
}

const RECONNECT: Record<string, Rule> = {
  firstDelay: { convert: amount },
  maximumDelay: { convert: amount },
  attempts: { convert: positive },
  uptime: { convert: amount },
  seed: { convert: between(0, 2 ** 32 - 1) },
  queue: { convert: amount },
  whenFull: { convert: whenFull },
  greeting: { convert: convert.callable },
  decide: { convert: convert.callable },
  paused: { convert: convert.flag },
};

/** What a table itself has by this name, and not what all objects have. */
function ownOf<T>(table: Record<string, T>, name: string): T | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined;
}

function unknownOption(name: string): never {
  throw new TypeError(`unknown option: ${name}`);
}

/** Converts the options that are given; `null` and `undefined` are none. */
function read(value: unknown, name: string, ...tables: Record<string, Rule>[]): Converted {
  const given = convert.dictionary(value as object, name) as Converted;
  const made: Converted = {};
  for (const key of Object.keys(given)) {
    const option = given[key];
    const table = tables.find((table) => ownOf(table, key));
    const rule = table?.[key] ?? unknownOption(key);
    if (option !== undefined && option !== null) {
      made[key] = rule.convert(option, key);
    }
  }
  return made;
}

export function socketOptions(value: unknown): Converted {
  if (typeof value == "string" || convert.isUrl(value)) {
    throw new TypeError("the constructor takes options: the URL is for open(url)");
  }
  return read(value, "options", SOCKET);
}

export function requestOptions(value: unknown): Converted {
  return read(value, "options", REQUEST, SIGNAL);
}

/** What a target carries besides its URL. */
export function targetOptions(value: unknown): Converted {
  return read(value, "the target", REQUEST, { url: { convert: convert.text } });
}

export function reconnectOptions(value: unknown): Converted {
  return read(value, "options", SOCKET, REQUEST, SIGNAL, RECONNECT);
}

/** Throws for what is missing and is not to be done without. */
export function requireFeatures(
  options: Converted,
  features: readonly Feature[],
  bestEffort: readonly Feature[],
): void {
  for (const name of Object.keys(options)) {
    const { feature } = SOCKET[name] ?? REQUEST[name] ?? {};
    if (feature && options[name] && !features.includes(feature) && !bestEffort.includes(feature)) {
      throw new UnsupportedError(feature);
    }
  }
}
