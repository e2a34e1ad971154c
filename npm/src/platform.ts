// What the platform has besides sockets: events of the page or of the worker, and modules of Node.

type Hear = (event: { readonly type: string }) => void;

/** What a document fires, and partly lets bubble (Page Lifecycle §4.1); workerd captures nothing. */
const OF_DOCUMENT = new Set(["freeze", "resume", "visibilitychange"]);

/** Hears events of these types until the function that it returns is called; Node has none. */
export function hearPlace(types: readonly string[], hear: Hear): () => void {
  const window = globalThis as Partial<EventTarget> & { document?: Partial<EventTarget> };
  const place = (type: string) => (OF_DOCUMENT.has(type) ? window.document : window);
  types.forEach((type) => place(type)?.addEventListener?.(type, hear));
  return () => types.forEach((type) => place(type)?.removeEventListener?.(type, hear));
}

/** A module of Node, in whatever kind of module this is. */
export function builtin<Module>(name: string): Module {
  const { process } = globalThis as unknown as {
    process: { getBuiltinModule(name: string): Module };
  };
  return process.getBuiltinModule(name);
}

/** How texts become bytes, and bytes texts. */
export interface Coding {
  readonly TextDecoder: typeof TextDecoder;
  readonly TextEncoder: typeof TextEncoder;
}

/** The platform's, or Node's where a simulated browser has none, as Jest's jsdom. */
export function coding(): Coding {
  const hasBoth = typeof TextDecoder == "function" && typeof TextEncoder == "function";
  return hasBoth ? globalThis : builtin("node:util");
}
