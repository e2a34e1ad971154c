// Values that nobody means to hand in, and what may come of it.

/** Makes an odd value. */
export function odd(chance) {
  return chance.of([
    () => undefined,
    () => null,
    () => NaN,
    () => -1,
    () => 2 ** 53,
    () => -0,
    () => Infinity,
    () => 10n,
    () => true,
    () => "",
    () => "\u{d800}",
    () => Symbol("odd"),
    () => ({}),
    () => Object.create(null),
    () => ({ length: 2 ** 31 }),
    () => ({ byteLength: -5 }),
    () => [1, [2]],
    () => () => 1,
    () => new Error("odd"),
    () => new Date(0),
    () => new Proxy({}, {}),
    () => new Map([["a", "b"]]),
    detached,
    () => new ArrayBuffer(3, { maxByteLength: 9 }),
    () => new SharedArrayBuffer(2),
    throwing,
    () => Promise.resolve(1),
  ])();
}

function detached() {
  const bytes = new Uint8Array(4);
  structuredClone(bytes, { transfer: [bytes.buffer] });
  return bytes;
}

export class Own extends Error {}

function throwing() {
  return {
    toString() {
      throw new Own("its own");
    },
  };
}

const DOCUMENTED = ["TypeError", "QWebSocketError", "UnsupportedError", "AbortError"];

/** Throws for what no documentation announces. */
export function documented(error) {
  if (error?.code === "ERR_ASSERTION") {
    throw error;
  }
  if (!(error instanceof Own) && !DOCUMENTED.includes(error?.name)) {
    throw new Error(`an undocumented exception: ${String(error?.stack ?? error)}`, {
      cause: error,
    });
  }
}
