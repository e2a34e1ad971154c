// What the entry `qwebsocket/js` has in the place of WebAssembly: its only module is the core.

import { instantiate } from "./generated/javascript.js";

class Module {}

class Instance {
  readonly exports: object;

  constructor(_: Module, imports: object) {
    this.exports = instantiate(imports);
  }
}

export const WebAssembly: { Module: typeof Module; Instance: typeof Instance } = {
  Module,
  Instance,
};
