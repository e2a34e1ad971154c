// The WebAssembly, loaded once.

import load from "qwebsocket";

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
  await load({ module_or_path: source ?? fromDisk() });
  isLoaded = true;
}

// `fetch` of Node reads no files.
function fromDisk() {
  const fs = globalThis.process?.getBuiltinModule?.("node:fs");
  return fs?.readFileSync(new URL("qwebsocket_bg.wasm", import.meta.url));
}
