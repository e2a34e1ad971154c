/** What a bundler or a runtime makes of the wasm file: its address, its bytes or its module. `init` takes each. */
declare const wasm: string | Uint8Array<ArrayBuffer> | WebAssembly.Module;
export default wasm;
