/** The wasm file as a bundler or a runtime gives it: its address, its bytes or its module. `init` takes each. */
declare const wasm: any;
export default wasm;
