// Which dialect a class speaks: by what it is and does, not by where it stands.

import type { Feature, WebSocketClass } from "../types.js";
import { bun } from "./bun.js";
import { deno } from "./deno.js";
import type { Runtime, Socket } from "./runtime.js";
import { browser, foreign } from "./standard.js";
import { stream } from "./stream.js";
import { undici } from "./undici.js";
import { ws } from "./ws.js";

class Missing {
  constructor() {
    throw new Error("this runtime has no WebSocket: hand one in by the option webSocket");
  }
}

/** The runtime that these options ask for. */
export function select(webSocket: WebSocketClass | undefined, byStream: boolean): Runtime {
  if (byStream) {
    return stream(webSocket !== undefined);
  }
  const Class = webSocket ?? globalThis.WebSocket ?? (Missing as unknown as WebSocketClass);
  return dialects.get(Class) ?? remembered(Class);
}

/** What works without options. */
export function platformFeatures(): readonly Feature[] {
  return select(undefined, false).features;
}

const dialects = /* @__PURE__ */ new WeakMap<WebSocketClass, Runtime>();

function remembered(Class: WebSocketClass): Runtime {
  const runtime = dialect(Class)(Class);
  Object.freeze(runtime.features);
  dialects.set(Class, runtime);
  return runtime;
}

function dialect(Class: WebSocketClass): (Class: WebSocketClass) => Runtime {
  const prototype = (Class.prototype ?? {}) as Partial<Socket>;
  if (typeof prototype.terminate == "function" && typeof prototype.ping == "function") {
    return typeof prototype.on == "function" ? ws : bun;
  }
  return platformDialect(Class) ?? foreign;
}

/** Of the platform's class, or of one that extends it; a class in its place is none. */
function platformDialect(Class: WebSocketClass): typeof browser | undefined {
  let ancestor: unknown = Class;
  while (typeof ancestor == "function" && ancestor != Function.prototype) {
    const source = Function.prototype.toString.call(ancestor);
    const prototype: object = ancestor.prototype ?? {};
    const symbols = Object.getOwnPropertySymbols(prototype);
    if (symbols.some(({ description }) => description == "Deno.privateCustomInspect")) {
      return deno;
    }
    if (source.includes("WebSocketInit")) {
      return undici;
    }
    // `EventTarget` is native, too.
    if (
      source.replaceAll(/\s+/g, "").endsWith("{[nativecode]}") &&
      Object.hasOwn(prototype, "readyState")
    ) {
      return browser;
    }
    ancestor = Object.getPrototypeOf(ancestor);
  }
  return undefined;
}
