// A connection as a store of Svelte: there while a component shows its state, as `$state`.

import { reconnecting, type ReconnectOptions, type State } from "qwebsocket/reconnecting";
import { readable } from "svelte/store";

export function connection(url: string, options: ReconnectOptions = {}) {
  const socket = reconnecting(url, { ...options, paused: true });
  const state = readable<State>("unconnected", (set) => {
    socket.onstateChanged = ({ state }) => set(state);
    socket.reconnectNow();
    return () => {
      socket.close();
      set("unconnected");
    };
  });
  return { socket, state };
}
