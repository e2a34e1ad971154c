// The entry `qwebsocket/js`: the same as `qwebsocket/reconnecting`, over a core that is JavaScript, for
// engines without WebAssembly. It is bundled by itself, with classes of its own.

export * from "./reconnecting.js";
