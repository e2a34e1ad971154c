// The entry `qwebsocket/vue`: a composable.

/// <reference lib="esnext.disposable" preserve="true" />

import {
  computed,
  type ComputedRef,
  type MaybeRef,
  onMounted,
  shallowRef,
  unref,
  watch,
  watchEffect,
} from "vue";

import { IDLE, identityOf, Live, type Snapshot } from "./hooks/live.js";
import type { Connection, HookOptions } from "./hooks/types.js";
import type { TargetSource } from "./sockets/reconnect_options.js";

export type { Connection, HookOptions } from "./hooks/types.js";

/** A {@link Connection}, each part of it reactive. */
export type ConnectionRefs = {
  /** What {@link Connection} has by this name. */
  readonly [Name in keyof Connection]: ComputedRef<Connection[Name]>;
};

/**
 * A connection that comes back, for as long as the component is mounted. `setup` connects to nobody, on a
 * server neither. What is sent before there is a connection waits.
 *
 * When the target is a ref, another URL, or other subprotocols, are another connection: the one before is
 * closed with code 1000, and what it has not sent is not sent to the other. A function is asked for the
 * target before each attempt.
 *
 * @throws as `reconnecting`, in `setup`.
 * @example
 * ```ts
 * const news = ref<Received[]>([]);
 * const url = computed(() => `wss://example.com/${props.topic}`);
 * const { socket, state } = useReconnecting(url, {
 *   onMessage: (message) => news.value.push(message),
 * });
 * ```
 */
export function useReconnecting(
  target: MaybeRef<TargetSource>,
  options: HookOptions = {},
): ConnectionRefs {
  const made = () => new Live(unref(target), options);
  const live = shallowRef(made());
  const shown = shallowRef<Snapshot>(IDLE);
  watch(
    () => identityOf(unref(target)),
    () => (live.value = made()),
  );
  onMounted(() => {
    watchEffect((onCleanup) => {
      const { value } = live;
      const look = () => (shown.value = value.snapshot);
      look();
      onCleanup(value.watch(look));
    });
  });
  return {
    socket: computed(() => live.value.socket),
    state: computed(() => shown.value.state),
    error: computed(() => shown.value.error),
    isGivenUp: computed(() => shown.value.isGivenUp),
  };
}
