// Converts what an application hands in, as WebIDL would: each converter returns a value of its kind
// or throws a `TypeError`. What is returned is ours: nobody changes it later.

import { coding } from "../platform.js";
import type { Sendable } from "../types.js";

/** What can be sent, ready for the runtime: no shared, resizable or detached memory. */
export type Message = string | ArrayBuffer | ArrayBufferView<ArrayBuffer> | Blob;

export function text(value: unknown): string {
  // Throws for symbols, as `String` does not.
  return `${value as string}`;
}

export function number(value: unknown): number {
  // Throws for symbols and for BigInts.
  return +(value as number);
}

/** A whole number of at least 0, as the core counts. */
export function count(value: unknown, name: string): number {
  const converted = number(value);
  if (!(converted >= 0)) {
    throw refused(value, name, "a number of at least 0");
  }
  return Math.floor(converted);
}

/** WebIDL's `[Clamp] unsigned short`. */
export function closeCode(value: unknown): number {
  const converted = number(value);
  return converted > 0 ? Math.min(Math.round(converted), 65_535) : 0;
}

/** Longer than anything that fits a close frame, and never longer than this. */
const REASON = 124;

/** The core cuts it between characters, at 123 bytes. */
export function closeReason(value: unknown): string {
  return text(value).slice(0, REASON);
}

export function flag(value: unknown): boolean {
  return Boolean(value);
}

export function callable<F>(value: F, name: string): F {
  if (typeof value != "function") {
    throw refused(value, name, "a function");
  }
  return value;
}

/** What logs: a function, or an object such as `console`. */
export function log(value: unknown, name: string): unknown {
  const { log } = value as Partial<Console>;
  return callable(log?.bind(value, "QWebSocket") ?? value, name);
}

/** WebIDL's dictionary: `undefined` and `null` are an empty one. */
export function dictionary<T extends object>(
  value: T | null | undefined,
  name: string,
): Partial<T> {
  if (value === undefined || value === null) {
    return {};
  }
  if (typeof value != "object" && typeof value != "function") {
    throw refused(value, name, "an object");
  }
  return value;
}

/** WebIDL's `sequence<DOMString>`, or one text. */
export function texts(value: unknown, name: string): string[] {
  if (value === undefined || value === null) {
    return [];
  }
  if (typeof value == "string") {
    return [value];
  }
  return Array.from(iterable(value, name), text);
}

/** Headers of any shape as names and values. */
export function headers(value: unknown): [string, string][] {
  if (value === undefined || value === null) {
    return [];
  }
  if (typeof value != "object") {
    throw refused(value, "headers", "an object");
  }
  const pairs = Symbol.iterator in value ? iterable(value, "headers") : Object.entries(value);
  return Array.from(pairs, (pair) => {
    const [name, content, ...more] = iterable(pair, "a header");
    if (content === undefined || more.length) {
      throw new TypeError(`${show(pair)} is not a header's name with its value`);
    }
    return [text(name), text(content)];
  });
}

function iterable(value: unknown, name: string): Iterable<unknown> {
  if (Object(value)?.[Symbol.iterator] === undefined || typeof value == "string") {
    throw refused(value, name, "a list");
  }
  return value as Iterable<unknown>;
}

/** An `AbortSignal`, of whatever realm. */
export function signal(value: unknown): AbortSignal | undefined {
  if (value === undefined || value === null) {
    return undefined;
  }
  const { addEventListener, aborted } = value as AbortSignal;
  if (typeof addEventListener != "function" || typeof aborted != "boolean") {
    throw refused(value, "signal", "an AbortSignal");
  }
  return value as AbortSignal;
}

/**
 * What can be sent. Numbers and truth values are texts; an object that is no binary data is a mistake,
 * and so are `undefined` and `null`.
 */
export function message(value: unknown): Message {
  switch (typeof value) {
    case "string":
      return value;
    case "number":
    case "bigint":
    case "boolean":
      return String(value);
    default:
      return binary(value);
  }
}

export function binary(value: unknown): Message {
  if (ArrayBuffer.isView(value)) {
    return isOwn(value.buffer) ? (value as ArrayBufferView<ArrayBuffer>) : copy(value);
  }
  if (isBuffer(value)) {
    return isOwn(value) ? value : copy(value);
  }
  if (isBlob(value)) {
    return value;
  }
  throw new TypeError(
    `${show(value)} cannot be sent: binary data is an ArrayBuffer, a view of one, or a Blob`,
  );
}

/** The bytes of a text or of binary data; over `limit` it need not be all of them. */
export function bytes(value: unknown, limit: number): Uint8Array<ArrayBuffer> {
  if (value === undefined) {
    return new Uint8Array();
  }
  if (ArrayBuffer.isView(value) || isBuffer(value)) {
    const { byteLength } = value;
    return byteLength > limit ? new Uint8Array(limit + 1) : copy(value);
  }
  return encoder().encode(text(value).slice(0, limit + 1));
}

/** Copies binary data into memory that is only ours. */
export function copy(value: ArrayBufferLike | ArrayBufferView): Uint8Array<ArrayBuffer> {
  const isView = ArrayBuffer.isView(value);
  const buffer = isView ? value.buffer : value;
  refuseDetached(buffer);
  const view = isView
    ? new Uint8Array(buffer, value.byteOffset, value.byteLength)
    : new Uint8Array(buffer);
  return new Uint8Array(view);
}

/** Memory that keeps its size and is nobody else's, as runtimes want it. */
function isOwn(buffer: ArrayBufferLike): buffer is ArrayBuffer {
  refuseDetached(buffer);
  return !isShared(buffer) && !(buffer as { resizable?: boolean }).resizable;
}

/** The only way to tell where `detached` is missing: nothing can be made of it. */
function refuseDetached(buffer: ArrayBufferLike): void {
  if (!buffer.byteLength) {
    try {
      void new Uint8Array(buffer);
    } catch {
      throw new TypeError("the memory of this data was given away (it is detached)");
    }
  }
}

function isShared(value: object): boolean {
  return tagOf(value) == "SharedArrayBuffer";
}

export function isBuffer(value: unknown): value is ArrayBufferLike {
  if (value instanceof ArrayBuffer) {
    return true;
  }
  // Of other realms, which `instanceof` does not know; the getter throws for what only looks like one.
  const prototypes = [ArrayBuffer, globalThis.SharedArrayBuffer].map((Class) => Class?.prototype);
  return prototypes.some((prototype) => {
    try {
      const { get } = Object.getOwnPropertyDescriptor(prototype ?? {}, "byteLength") ?? {};
      return get?.call(value) >= 0;
    } catch {
      return false;
    }
  });
}

export function isBlob(value: unknown): value is Blob {
  // What there is most of, without a look at its class.
  if (typeof value == "string" || value instanceof ArrayBuffer || ArrayBuffer.isView(value)) {
    return false;
  }
  const tag = tagOf(value);
  return (
    (tag == "Blob" || tag == "File") &&
    typeof (value as Blob).arrayBuffer == "function" &&
    (value as Blob).size >= 0
  );
}

/** A promise, of whatever realm or library. */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as Partial<PromiseLike<unknown>> | undefined | null)?.then == "function";
}

/** A `URL` of whatever realm. */
export function isUrl(value: unknown): boolean {
  return tagOf(value) == "URL";
}

function tagOf(value: unknown): string {
  return Object.prototype.toString.call(value).slice(8, -1);
}

let shared: TextEncoder | undefined;
function encoder(): TextEncoder {
  return (shared ??= new (coding().TextEncoder)());
}

interface Buffers {
  Buffer?: { byteLength?(text: string): number };
}

export function utf8Length(value: string): number {
  // Counts without encoding, where there is one.
  const { Buffer } = globalThis as Buffers;
  return Buffer?.byteLength?.(value) ?? encoder().encode(value).length;
}

/** The length in bytes of what can be sent, or has arrived. */
export function lengthOf(value: Sendable): number {
  return typeof value == "string"
    ? utf8Length(value)
    : ((value as ArrayBuffer).byteLength ?? (value as Blob).size);
}

/** The error of a value that is of no use as what has this name. */
function refused(value: unknown, name: string, expected: string): TypeError {
  return new TypeError(`${name} is ${show(value)}, which is not ${expected}`);
}

/** A value in an error's text, however odd it is. */
export function show(value: unknown): string {
  return typeof value == "string"
    ? JSON.stringify(value)
    : typeof value == "function"
      ? "a function"
      : tagged(value);
}

function tagged(value: unknown): string {
  return Object(value) === value ? `an object (${tagOf(value)})` : String(value);
}
