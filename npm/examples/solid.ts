// A connection of a component of Solid: there from its mount to its end, and on no server.

import { reconnecting, type ReconnectOptions, type State } from "qwebsocket/reconnecting";
import { createSignal, onCleanup, onMount } from "solid-js";

export function createConnection(url: string, options: ReconnectOptions = {}) {
  const socket = reconnecting(url, { ...options, paused: true });
  const [state, setState] = createSignal<State>("unconnected");
  socket.onstateChanged = ({ state }) => setState(state);
  onMount(() => socket.reconnectNow());
  onCleanup(() => socket.close());
  return { socket, state };
}
