// When something runs: in a task of its own, or after a time.

/** More, and a timer would end at once (HTML §8.6). */
export const LONGEST: number = 2 ** 31 - 1;

interface Immediates {
  setImmediate?(callback: () => void): unknown;
}

let channel: MessageChannel | undefined;
const waiting: (() => void)[] = [];

/** Runs a function in a task of its own, as soon as there is one: after all microtasks. */
export function soon(callback: () => void): void {
  const { setImmediate } = globalThis as Immediates;
  if (typeof setImmediate == "function") {
    setImmediate(callback);
  } else if (typeof MessageChannel == "function") {
    waiting.push(callback);
    channel ??= listening();
    channel.port2.postMessage(undefined);
  } else {
    setTimeout(callback);
  }
}

// Nested timers of browsers wait 4 ms; messages do not.
function listening(): MessageChannel {
  const channel = new MessageChannel();
  channel.port1.onmessage = () => waiting.shift()?.();
  return channel;
}
