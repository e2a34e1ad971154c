// The examples for Svelte and Solid, each to its end.

import { MemoryServer } from "qwebsocket/testing";
import { createEffect, createRoot } from "solid-js";

import { createConnection } from "./solid.ts";
import { connection } from "./svelte.ts";

const server = new MemoryServer();
const options = { webSocket: server.WebSocket };

const svelte: string[] = [];
const store = connection("ws://svelte/", options);
const leave = store.state.subscribe((state) => svelte.push(state));
store.socket.send("from Svelte");
const one = await server.next();
svelte.push(`${await one.next()}`);
leave();
svelte.push(`${(await one.closed).code}`);

const solid: string[] = [];
const dispose = createRoot((dispose) => {
  const { socket, state } = createConnection("ws://solid/", options);
  createEffect(() => solid.push(state()));
  socket.send("from Solid");
  return dispose;
});
const other = await server.next();
solid.push(`${await other.next()}`);
dispose();
solid.push(`${(await other.closed).code}`);

console.log(svelte.join(", "));
console.log(solid.join(", "));
