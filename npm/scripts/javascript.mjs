// Turns the core, as cargo has built it, into JavaScript by binaryen's wasm2js.

import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";

import { generate, generated } from "./core.mjs";

/** What the compiler makes use of, but for references: JavaScript has them as numbers. */
const FEATURES = [
  "bulk-memory",
  "bulk-memory-opt",
  "multivalue",
  "mutable-globals",
  "nontrapping-float-to-int",
  "sign-ext",
].map((feature) => `--enable-${feature}`);
const REFERENCES = ["--enable-reference-types", "--enable-call-indirect-overlong"];

const LOWERED = ["--signext-lowering", "--llvm-memory-copy-fill-lowering"];
const SHRUNK = "-Oz --strip-debug --strip-producers --strip-target-features".split(" ");

const SCRIPTS = ["javascript", "core", "imports"].map((name) =>
  path.join(import.meta.dirname, `${name}.mjs`),
);

/**
 * Writes the module `javascript` out of `raw`, by way of files in `dir`; not again out of the same, since
 * it takes a while.
 */
export async function javascript(raw, dir) {
  await mkdir(dir, { recursive: true });
  const file = (name) => path.join(dir, name);
  const hash = createHash("sha256");
  for (const input of [raw, ...SCRIPTS]) {
    hash.update(await readFile(input));
  }
  const made = hash.digest("hex");
  const stamp = path.join(generated, "javascript.made");
  if ((await readFile(stamp, "utf8").catch(() => "")) === made) {
    return;
  }
  const optimize = (from, to, ...flags) => run("wasm-opt", from, "-o", to, ...FEATURES, ...flags);
  // wasm-bindgen goes by the features that the module says it uses.
  optimize(raw, file("bare.wasm"), "-g", ...REFERENCES, "--strip-target-features");
  optimize(file("bare.wasm"), file("low.wasm"), "-g", ...LOWERED, "--emit-target-features");
  run(
    "wasm-bindgen",
    file("low.wasm"),
    "--target",
    "bundler",
    "--out-name",
    "qwebsocket",
    "--out-dir",
    dir,
  );
  const bound = file("qwebsocket_bg.wasm");
  optimize(bound, bound, "--llvm-nontrapping-fptoint-lowering", ...SHRUNK);
  await generate("javascript", dir, async (wasm) => {
    const [from, to] = [file("short.wasm"), file("core.js")];
    await writeFile(from, wasm);
    run("wasm2js", from, "-o", to, ...FEATURES, "-Oz");
    return `${functionOf(await readFile(to, "utf8"))}
export const alphabet = "";
export const bytes = () => "";`;
  });
  await writeFile(stamp, made);
}

/** What wasm2js writes as a module, as a function that makes an instance. */
function functionOf(script) {
  const body = script
    .replaceAll(/^import .*$/gm, "")
    .replaceAll(/^export var .*$/gm, "")
    .replace(/asmFunc\(\{[^]*?\}\);/, "asmFunc(imports);");
  return `export function instantiate(imports) {\n${body}\nreturn retasmFunc;\n}`;
}

function run(program, ...flags) {
  execFileSync(program, flags, { stdio: ["ignore", "ignore", "inherit"] });
}
