// The compiled core: which one there is, compiled once, synchronously, at the first socket.

import { QWebSocketError } from "../errors.js";
import type { CoreCode } from "./contract.js";

/** The cores whose sockets are used; the one that can reconnect serves all of them. */
const offered = new Set<CoreCode>();
const modules = new Map<CoreCode, WebAssembly.Module>();

/** Lets `value`, which needs a core, use this one. Without `value` in use a bundler drops both. */
export function offer<T>(code: CoreCode, value: T): T {
  offered.add(code);
  return value;
}

/** The core of those that were offered which can do most. */
export function best(): CoreCode {
  const [first, ...others] = offered;
  return others.find((code) => code.reconnects) ?? (first as CoreCode);
}

/** The module of a core. */
export function moduleOf(code: CoreCode): WebAssembly.Module {
  let module = modules.get(code);
  if (!module) {
    module = compiled(code);
    modules.set(code, module);
  }
  return module;
}

/** Takes a module that the host has compiled. */
export function provide(code: CoreCode, module: unknown): void {
  if (Object.prototype.toString.call(module) != "[object WebAssembly.Module]") {
    throw new TypeError("init takes a WebAssembly.Module");
  }
  const exported = WebAssembly.Module.exports(module as WebAssembly.Module);
  if (exported.some(({ name }) => name == "again") != code.reconnects) {
    throw new QWebSocketError("InvalidInput", "this is the module of the other entry");
  }
  modules.set(code, module as WebAssembly.Module);
}

function compiled({ alphabet, bytes }: CoreCode): WebAssembly.Module {
  const values: number[] = [];
  for (let value = 0; value < alphabet.length; value++) {
    values[alphabet.charCodeAt(value)] = value;
  }
  const text = bytes();
  const binary = new Uint8Array(text.length);
  for (let index = 0; index < text.length; index++) {
    binary[index] = values[text.charCodeAt(index)] as number;
  }
  return new WebAssembly.Module(binary);
}

/** The error of a host that has no WebAssembly, or forbids it. */
export function unsupported(cause: unknown): QWebSocketError {
  const text =
    typeof WebAssembly == "undefined"
      ? "there is no WebAssembly here"
      : "WebAssembly cannot be used here: a content security policy needs 'wasm-unsafe-eval', " +
        "some hosts want a compiled module handed to init()";
  return new QWebSocketError("Unsupported", text, { cause });
}
