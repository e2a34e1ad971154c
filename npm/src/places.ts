// Events of the page, or of the worker; Node has none.

type Hear = (event: { readonly type: string }) => void;

/** Hears events of these types until the function that it returns is called. */
export function hearPlace(types: readonly string[], hear: Hear): () => void {
  const place = globalThis as Partial<EventTarget>;
  types.forEach((type) => place.addEventListener?.(type, hear));
  return () => types.forEach((type) => place.removeEventListener?.(type, hear));
}
