// The entry `qwebsocket`: the class, over the core that cannot reconnect.

/// <reference lib="esnext.disposable" preserve="true" />

import { instanceOf } from "./border/link.js";
import { lean } from "./core/lean.js";
import { offer, provide } from "./core/module.js";
import { platformFeatures } from "./runtimes/select.js";
import { QWebSocket as Class } from "./sockets/qwebsocket.js";
import type { Feature, WasmModule } from "./types.js";

/** The class, over the core that cannot connect again. */
export const QWebSocket: typeof Class = /* @__PURE__ */ offer(lean, Class);
/** An object of the class. */
export type QWebSocket = Class;

export { QWebSocketError, UnsupportedError } from "./errors.js";
export type * from "./types.js";

/** What works in this runtime without options: the features of a `new QWebSocket()`. */
export const features: readonly Feature[] = /* @__PURE__ */ platformFeatures();

/**
 * Takes the compiled core, for hosts that forbid to compile bytes: the module that they make of
 * `qwebsocket/core.wasm`. Without one the core that is part of this code is compiled now, and not at
 * the first socket.
 *
 * @throws {@link QWebSocketError} `Unsupported` where there is no WebAssembly, `InvalidInput` for
 * the core of `qwebsocket/reconnecting`, and `TypeError` for what is no `WebAssembly.Module`.
 * @example
 * ```js
 * import { init, QWebSocket } from "qwebsocket";
 * import core from "qwebsocket/core.wasm";
 *
 * init(core);
 * ```
 */
export function init(module?: WasmModule): void {
  if (module !== undefined) {
    provide(lean, module);
  }
  instanceOf(lean);
}
