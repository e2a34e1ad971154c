// What runs when an `AbortSignal` aborts, without being held by it.

/** What is left on signals of functions that were collected. */
let forgotten: FinalizationRegistry<() => void> | undefined;

/**
 * Runs a function when a signal aborts, unless what this returns was called before. A signal lives as
 * long as the application likes and holds the function weakly: whoever is concerned holds it.
 */
export function whenAborted(signal: AbortSignal, run: () => void): () => void {
  const weakly = new WeakRef(run);
  const abort = () => weakly.deref()?.();
  const leave = () => signal.removeEventListener("abort", abort);
  signal.addEventListener("abort", abort, { once: true });
  forgotten ??= new FinalizationRegistry((leave) => leave());
  forgotten.register(run, leave, leave);
  return () => {
    leave();
    // It holds the signal, too.
    forgotten?.unregister(leave);
  };
}
