// The errors of the package, and what tells them apart.

import type { ErrorKind, Feature } from "./types.js";

// In the order of the core's numbers. The core tells a text where it knows more.
const TEXTS: Record<ErrorKind, string> = {
  InvalidInput: "invalid input",
  Unsupported: "unsupported",
  WrongState: "wrong state",
  QueueFull: "the queue is full",
  TimedOut: "timed out",
  Connection: "connection failed",
  TooLarge: "too large",
  RemoteClosed: "the remote host closed the connection",
};

/** An error of this package. */
export class QWebSocketError extends Error {
  /** The same in every copy of the package, and when the code is minified. */
  static override readonly name: string = "QWebSocketError";
  /** What to decide by; `message` is to be shown. */
  readonly kind: ErrorKind;

  /** One of this kind; without a message, with the text that its kind has. Throws nothing. */
  constructor(kind: ErrorKind, message?: string, options?: { cause?: unknown }) {
    super(message || TEXTS[kind], options);
    this.kind = kind;
    // As errors of the platform have it: not among what is listed.
    Object.defineProperty(this, "name", {
      value: new.target.name,
      configurable: true,
      writable: true,
    });
  }
}

/** The runtime cannot do what was asked for. */
export class UnsupportedError extends QWebSocketError {
  /** The same in every copy of the package, and when the code is minified. */
  static override readonly name: string = "UnsupportedError";
  /** Always this one. */
  declare readonly kind: "Unsupported";
  /** What is missing. */
  readonly feature: Feature;

  /** One about this feature. Throws nothing. */
  constructor(feature: Feature) {
    super("Unsupported", `not supported by this runtime: ${feature}`);
    this.feature = feature;
  }
}

/**
 * The kind that has this number in the core.
 *
 * @internal
 */
export function kindOf(number: number): ErrorKind {
  return (Object.keys(TEXTS) as ErrorKind[])[number] ?? "Connection";
}

/** @internal */
export function notConnected(): never {
  throw new QWebSocketError("WrongState", "not connected");
}

/** @internal */
export function givenUp(): DOMException {
  return new DOMException("the attempt was given up", "AbortError");
}

/**
 * The text of what was thrown and {@link tame}d.
 *
 * @internal
 */
export function textOf(error: unknown): string {
  return `${(error as Error | undefined | null)?.message ?? error}`;
}

/**
 * What was thrown, unless to look at it throws in turn.
 *
 * @internal
 */
export function tame(thrown: unknown): unknown {
  try {
    const { name, kind, cause } = Object(thrown) as Partial<Record<string, unknown>>;
    void [name, kind, cause, thrown instanceof Error, textOf(thrown)];
    return thrown;
  } catch {
    return new TypeError("unreadable error");
  }
}

/**
 * Tells of an error that nobody has caught, without being in the way of what goes on.
 *
 * @internal
 */
export function report(error: unknown): void {
  try {
    globalThis.reportError(error);
  } catch {
    // There is none in Node, and others may stand in for it.
    queueMicrotask(() => {
      throw error;
    });
  }
}
