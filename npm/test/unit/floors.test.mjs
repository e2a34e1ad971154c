// The order of the sources: who may import whom, and how large files and functions may be.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";

const src = path.join(import.meta.dirname, "../../src");

/** From the ground up. A file imports from its own floor and from those below. */
const FLOORS = [
  [
    /^(types|options|errors|names|fifo|tasks|platform|generated)\b/,
    /^runtimes\/(class|runtime|headers)\.ts$/,
    /^core\/(contract|generated\/)/,
  ],
  [/^core\//, /^border\/convert\.ts$/],
  [/^runtimes\/(wire|standard|stream|undici|ws|deno|bun)\.ts$/, /^events\//],
  [/^runtimes\/select\.ts$/, /^border\//],
  [/^engine\//],
  [/^sockets\//],
  [/^(index|reconnecting)\.ts$/, /^(typed|standard|testing)\//],
  [/^(typed|websocket|testing|js)\.ts$/, /^hooks\//],
  [/^(react|vue)\.ts$/],
];

const files = readdirSync(src, { recursive: true }).filter(
  (name) => name.endsWith(".ts") && !name.startsWith("core/generated"),
);

function floorOf(file) {
  const floor = FLOORS.findIndex((patterns) => patterns.some((pattern) => pattern.test(file)));
  assert(floor >= 0, `${file} has no floor`);
  return floor;
}

function importsOf(file) {
  const text = readFileSync(path.join(src, file), "utf8");
  return Array.from(text.matchAll(/(?:from|import) "(\..*?)"/g), ([, imported]) =>
    path.join(path.dirname(file), imported).replace(/\.js$/, ".ts"),
  );
}

for (const file of files) {
  test(`${file} imports nothing from above`, () => {
    const above = importsOf(file).filter((imported) => floorOf(imported) > floorOf(file));
    assert.deepEqual(above, []);
  });
}

test("only the border imports the core", () => {
  const callers = files.filter((file) =>
    importsOf(file).some((imported) => /^core\/(module|generated)/.test(imported)),
  );
  const allowed = /^(border|core)\/|^(index|reconnecting)\.ts$/;
  assert.deepEqual(
    callers.filter((file) => !allowed.test(file)),
    [],
  );
});

test("each file says first what it owns", () => {
  const silent = files.filter((file) => {
    const [first] = readFileSync(path.join(src, file), "utf8").split("\n");
    return !/^\/\/ [A-Z`].*[.:,a-z]$/.test(first);
  });
  assert.deepEqual(silent, []);
});

test("nothing but declarations runs at import", () => {
  const effects = files.flatMap((file) => {
    const lines = readFileSync(path.join(src, file), "utf8").split("\n");
    const isDeclaration =
      /^(import|export|const|let|function|async function|class|abstract class|interface|type|declare|\/\/|\/\*| |\}|\)|\]|$)/;
    return lines.filter((line) => !isDeclaration.test(line)).map((line) => `${file}: ${line}`);
  });
  assert.deepEqual(effects, []);
});
