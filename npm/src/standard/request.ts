// What the constructor of the platform's class, and its `close`, make of their arguments (WebSockets §3.1).

import { utf8Length } from "../border/convert.js";

interface Place {
  readonly document?: { readonly baseURI?: string };
  readonly location?: { readonly href?: string };
}

const HTTP: Record<string, string> = { "http:": "ws:", "https:": "wss:" };

/** The URL to connect to; relative ones are meant from here. */
export function parsedUrl(url: string): URL {
  const { document, location } = globalThis as Place;
  let parsed: URL;
  try {
    parsed = new URL(url, document?.baseURI ?? location?.href);
  } catch {
    throw syntaxError(`the URL '${url}' is invalid`);
  }
  const { protocol } = parsed;
  if (Object.hasOwn(HTTP, protocol)) {
    parsed.protocol = HTTP[protocol] as string;
  } else if (protocol != "ws:" && protocol != "wss:") {
    throw syntaxError(`the scheme of a URL must be ws, wss, http or https, not '${protocol}'`);
  }
  if (parsed.href.includes("#")) {
    throw syntaxError(`the URL '${parsed.href}' has a fragment`);
  }
  return parsed;
}

/** A token (RFC 9110 §5.6.2). */
const TOKEN = /^[\w!#$%&'*+.^`|~-]+$/;

/** The subprotocols on offer. */
export function parsedProtocols(protocols: unknown): string[] {
  const isList = typeof protocols == "object" && protocols !== null && Symbol.iterator in protocols;
  const names = Array.from(
    isList ? (protocols as Iterable<unknown>) : [protocols],
    (name) => `${name as string}`,
  );
  const wrong = names.find((name, index) => !TOKEN.test(name) || names.indexOf(name) != index);
  if (wrong !== undefined) {
    throw syntaxError(`the subprotocol '${wrong}' is invalid, or there twice`);
  }
  return names;
}

/** The longest reason of a close frame, in bytes (RFC 6455 §5.5). */
const REASON = 123;

export function refuseLong(reason: string): void {
  if (utf8Length(reason) > REASON) {
    throw syntaxError(`the reason has more than ${REASON} bytes`);
  }
}

/** What has to be given must not be left out, `undefined` or not (WebIDL §3.6). */
export function refuseNone(name: string, given: number): void {
  if (given == 0) {
    throw new TypeError(`${name} takes an argument`);
  }
}

function syntaxError(message: string): DOMException {
  return new DOMException(message, "SyntaxError");
}
