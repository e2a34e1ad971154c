// The WebAssembly, loaded once.

import * as core from "qwebsocket";
import * as host from "./host.js";

// By the names that the file has for them.
const imports = { "./qwebsocket_bg.js": core, "./shell/host.js": host };

export let isLoaded = false;
let loading;

export function init(source) {
  loading ??= begin(source).catch((error) => {
    loading = undefined;
    throw error;
  });
  return loading;
}

async function begin(source) {
  const { exports } = await instance(source ?? fromDisk() ?? address());
  core.__wbg_set_wasm(exports);
  exports.__wbindgen_start();
  isLoaded = true;
}

// Of an address, a response, bytes or a module, or of the promise of one.
async function instance(source) {
  let wasm = await source;
  if (typeof wasm == "string" || wasm instanceof URL || wasm instanceof Request) {
    wasm = await fetch(wasm);
  }
  if (wasm instanceof Response) {
    if (!wasm.ok) {
      throw new Error(`${wasm.url}: ${wasm.status} ${wasm.statusText}`);
    }
    wasm = await wasm.arrayBuffer();
  }
  const made = await WebAssembly.instantiate(wasm, imports);
  return made.instance ?? made;
}

// `fetch` of Node reads no files.
function fromDisk() {
  return globalThis.process?.getBuiltinModule?.("node:fs")?.readFileSync(address());
}

function address() {
  return new URL("qwebsocket_bg.wasm", import.meta.url);
}
