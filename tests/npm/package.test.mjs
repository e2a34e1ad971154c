// The tarball itself.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import path from "node:path";
import { test } from "node:test";
import { gzipSync } from "node:zlib";

import { scratch } from "./lib/project.mjs";
import { command, require, run, tarball } from "./lib/tools.mjs";

/** What stands beside the entries that share the classes, and uses them. */
const ADDITIONS = ["typed", "websocket", "testing", "react", "vue"];

const CONTENTS = [
  ...ADDITIONS.flatMap((name) => [`${name}.js`, `${name}.js.map`]),
  ...ADDITIONS.flatMap((name) => [".cjs", ".cjs.map", ".mjs"].map((end) => `node/${name}${end}`)),
  "CHANGELOG.md",
  "LICENSE-APACHE",
  "LICENSE-MIT",
  "README.md",
  "core.wasm",
  "index.js",
  "index.js.map",
  "js.js",
  "node/all.cjs",
  "node/all.cjs.map",
  "node/index.cjs",
  "node/index.mjs",
  "node/js.cjs",
  "node/js.mjs",
  "node/reconnecting.cjs",
  "node/reconnecting.mjs",
  "package.json",
  "reconnecting.js",
  "reconnecting.js.map",
  "reconnecting.wasm",
  "shared.js",
  "shared.js.map",
  "wasm.d.cts",
  "wasm.d.ts",
];

test("holds these files and no others", async () => {
  const list = await run("tar", ["-tf", tarball]);
  const files = list
    .trim()
    .split("\n")
    .map((file) => file.replace("package/", ""));
  const declarations = files.filter((file) => file.startsWith("types/"));
  assert.deepEqual(files.filter((file) => !declarations.includes(file)).sort(), CONTENTS.sort());
  const modules = declarations.filter((file) => file.endsWith(".d.ts"));
  const twins = modules.map((file) => file.replace(/ts$/, "cts"));
  assert.deepEqual([...modules, ...twins].sort(), declarations.sort());
  assert(modules.includes("types/index.d.ts"));
});

test("is the same when it is packed again", async () => {
  const again = await readFile(process.env.QWEBSOCKET_TARBALL_AGAIN);
  assert(again.equals(await readFile(tarball)));
});

test("does not tell where it was made", async () => {
  const places = [homedir(), path.join(import.meta.dirname, "../..")];
  const content = await run("tar", ["-xOf", tarball], { encoding: "latin1" });
  assert.deepEqual(
    places.filter((place) => content.includes(place)),
    [],
  );
});

test("has a source map with the sources", async () => {
  const map = JSON.parse(await run("tar", ["-xOf", tarball, "package/shared.js.map"]));
  assert(
    map.sources.some((source) => source.endsWith("src/sockets/qwebsocket.ts")),
    map.sources.join(),
  );
  assert.equal(map.sourcesContent.length, map.sources.length);
  assert(map.sourcesContent.every((text) => text.length > 0));
});

test("publint finds nothing", async () => {
  const { publint } = require("publint");
  const { buffer } = await readFile(tarball);
  const { messages } = await publint({ pack: { tarball: buffer }, strict: true });
  assert.deepEqual(messages, []);
});

test("what needs no WebAssembly is below 60 KiB", async () => {
  const script = await run("tar", ["-xOf", tarball, "package/js.js"]);
  assert(gzipSync(script).length < 60 * 1024);
});

test("are the types wrong? No", async () => {
  const { problems, analysis } = JSON.parse(await run(command("attw"), [tarball, "--format=json", "--profile=node16"]));
  // No version in `engines` resolves as Node 10 did, which knows no entries.
  const real = Object.values(problems).flat();
  assert.deepEqual(
    real.filter(({ resolutionKind }) => resolutionKind !== "node10"),
    [],
  );
  const additions = [...ADDITIONS, "js"].map((name) => `./${name}`);
  const entries = [".", "./reconnecting", ...additions, "./core.wasm", "./reconnecting.wasm"];
  assert.deepEqual(Object.keys(analysis.entrypoints), [...entries, "./package.json"]);
});

test("exports what its types declare, classes with their names", async () => {
  const package_ = path.join(await scratch("package"), "node_modules/qwebsocket");
  const exported = await import(`${package_}/reconnecting.js`);
  for (const name of ["index", "reconnecting", ...ADDITIONS]) {
    const types = await readFile(`${package_}/types/${name}.d.ts`, "utf8");
    const declared = [
      ...types.matchAll(/^export declare (?:class|const|function) (\w+)/gm),
      ...types.matchAll(/^export \{ (.*) \}/gm),
    ];
    // A function with several signatures is declared as often.
    const names = [...new Set(declared.flatMap(([, names]) => names.split(", ")))].sort();
    for (const file of [`${name}.js`, `node/${name}.mjs`]) {
      assert.deepEqual(names, Object.keys(await import(`${package_}/${file}`)));
    }
  }
  const classes = Object.keys(exported).filter((name) => /^[A-Z]/.test(name));
  assert.deepEqual(
    classes.map((name) => exported[name].name),
    classes,
  );
});
