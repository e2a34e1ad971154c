// The entry `qwebsocket/react`: a hook.

/// <reference lib="esnext.disposable" preserve="true" />

import { useEffect, useMemo, useSyncExternalStore } from "react";

import { IDLE, identityOf, Live } from "./hooks/live.js";
import type { Connection, HookOptions } from "./hooks/types.js";
import type { TargetSource } from "./sockets/reconnect_options.js";

export type { Connection, HookOptions } from "./hooks/types.js";

/**
 * A connection that comes back, for as long as the component is mounted. Rendering connects to nobody, on
 * a server neither; StrictMode makes one connection, and not two. What is sent before there is one waits.
 *
 * Another URL, or other subprotocols, are another connection: the one before is closed with code 1000, and
 * what it has not sent is not sent to the other. A function is asked for the target before each attempt,
 * and is no other target when it changes; to connect elsewhere then, give the component another `key`.
 *
 * @throws as `reconnecting`, while it renders.
 * @example
 * ```tsx
 * function News({ topic }: { topic: string }) {
 *   const [news, setNews] = useState<Received[]>([]);
 *   const { socket, state } = useReconnecting(`wss://example.com/${topic}`, {
 *     onMessage: (message) => setNews((before) => [...before, message]),
 *   });
 *   return <button onClick={() => socket.send("more")}>{state}: {news.length}</button>;
 * }
 * ```
 */
export function useReconnecting(target: TargetSource, options: HookOptions = {}): Connection {
  const identity = identityOf(target);
  const live = useMemo(() => new Live(target, options), [identity]);
  const { watch, look } = useMemo(
    () => ({ watch: live.watch.bind(live), look: () => live.snapshot }),
    [live],
  );
  // In front of the one that connects.
  useEffect(() => live.update(target, options));
  const shown = useSyncExternalStore(watch, look, () => IDLE);
  return { socket: live.socket, ...shown };
}
