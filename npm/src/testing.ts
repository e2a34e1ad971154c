// The entry `qwebsocket/testing`: a server in memory.

export { MemoryServer } from "./testing/server.js";
export type { Door, Verdict } from "./testing/client.js";
export type { MemoryPeer } from "./testing/peer.js";
export type { MemoryServerOptions } from "./testing/server.js";
export type { CloseInit } from "./standard/options.js";
