// The entry `qwebsocket/testing`: a server in memory, and a real one.

export { LocalServer } from "./testing/local.js";
export { MemoryServer } from "./testing/server.js";
export type { Door, Verdict } from "./testing/client.js";
export type { Peer } from "./testing/end.js";
export type { LocalServerOptions, WebSocketServerClass } from "./testing/local.js";
export type { LocalPeer, PeerHeaders } from "./testing/local_peer.js";
export type { MemoryPeer } from "./testing/peer.js";
export type { MemoryServerOptions } from "./testing/server.js";
export type { CloseInit } from "./standard/options.js";
