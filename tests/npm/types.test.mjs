// The types, as users of strict TypeScript see them. What must not compile stands behind a
// `@ts-expect-error` in `consumers/types`.

import assert from "node:assert/strict";
import { cp, readdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { test } from "node:test";

import { scratch } from "./lib/project.mjs";
import { command, hosts, node, run } from "./lib/tools.mjs";

/** Those that look at what events carry. */
const OF_EVENTS = ["events.ts", "socket.ts", "reconnecting.ts", "typed.ts"];
const FILES = [...OF_EVENTS, "websocket.ts", "testing.ts", "hooks.ts"];
const STRICT = ["--noEmit", "--ignoreConfig", "--strict", "--exactOptionalPropertyTypes"];
const ES_MODULE = "--module nodenext --target esnext --lib esnext,dom".split(" ");

test("an ES module", async () => {
  await compiles(await scratch("types"), FILES, ES_MODULE);
});

test("a bundler's module", async () => {
  const bundler = ["--module", "esnext", "--moduleResolution", "bundler"];
  await compiles(await scratch("types"), FILES, [...ES_MODULE, ...bundler]);
});

test("a CommonJS module", async () => {
  const source = `import { init, QWebSocket } from "qwebsocket";
    import wasm = require("qwebsocket/core.wasm");
    init(wasm.default);
    new QWebSocket().onpong = ({ payload }) => payload.byteLength;
    // @ts-expect-error: not a text
    new QWebSocket().sendTextMessage(1);`;
  const dir = await scratch("types-commonjs");
  await writeFile(path.join(dir, "main.cts"), source);
  await compiles(dir, ["main.cts"], [...ES_MODULE, "--module", "node16"]);
});

const PLATFORMS = {
  browsers: ["--lib", "es2022,dom", "--typeRoots", "none"],
  workers: ["--lib", "es2022,webworker", "--typeRoots", "none"],
  Node: ["--lib", "es2022", "--types", "node"],
};
for (const [name, platform] of Object.entries(PLATFORMS)) {
  test(`with nothing but the platform's own types: ${name}`, async (t) => {
    const dir = await scratch("types-platform", hosts);
    await t.test("the newest TypeScript", async () => {
      await compiles(dir, ["main.ts"], [...ES_MODULE, ...platform]);
    });
    // That the README names.
    await t.test("the oldest TypeScript", async () => {
      const flags = [...ES_MODULE, ...platform].map((flag) => flag.replace(/^esnext$/, "es2022"));
      const strict = STRICT.filter((flag) => flag !== "--ignoreConfig");
      const oldest = path.join(hosts, "node_modules/typescript-5.2/bin/tsc");
      assert.equal(await run(node, [oldest, ...strict, ...flags, "main.ts"], { cwd: dir }), "");
    });
  });
}

// All in one program, which reads the platform's types once.
test("a wrong type of an event is noticed", async () => {
  const dir = await scratch("types");
  const types = path.join(dir, "node_modules/qwebsocket/types");
  const names = (await readdir(types, { recursive: true })).filter((name) => name.endsWith(".d.ts"));
  const texts = await Promise.all(names.map((name) => readFile(path.join(types, name), "utf8")));
  const mutants = names.flatMap((name, index) => [...mutantsOf(name, texts[index])]);
  mutants.unshift({ name: "nothing", file: names[0], text: texts[0] });
  assert(mutants.length > 50, `${mutants.length} mutants`);
  const sources = await Promise.all(
    ["exactly.ts", ...OF_EVENTS].map(async (name) => {
      const text = await readFile(path.join(dir, name), "utf8");
      return {
        name,
        text: text
          .replaceAll('"qwebsocket"', '"./types/index.js"')
          .replaceAll(/"qwebsocket\/(\w+)"/g, '"./types/$1.js"'),
      };
    }),
  );
  for (const [number, { file, text }] of mutants.entries()) {
    const mutant = path.join(dir, `${number}`);
    await cp(types, path.join(mutant, "types"), { recursive: true });
    await writeFile(path.join(mutant, "types", file), text);
    for (const source of sources) {
      await writeFile(path.join(mutant, source.name), source.text);
    }
  }
  const files = mutants.flatMap((_, number) => OF_EVENTS.map((name) => `${number}/${name}`));
  const complaints = await complaintsOf(dir, files, [...ES_MODULE, "--skipLibCheck"]);
  const noticed = new Set(Array.from(complaints.matchAll(/^(\d+)\//gm), ([, number]) => +number));
  const unnoticed = mutants.filter((_, number) => !noticed.has(number));
  assert.deepEqual(
    unnoticed.map(({ name }) => name),
    ["nothing"],
  );
});

/** A file of the types with one of them changed: of a signal, a property, what an event carries. */
function* mutantsOf(file, types) {
  const places = [
    [/^export interface \w+EventMap[^]*?^}/gm, /^ {4}(\w+): (.*);$/gm, "Event"],
    [/^export interface \w+Event extends[^]*?^}/gm, /^ {4}readonly (\w+): (.*);$/gm, "any"],
    // Read and written as the same.
    [/^[^]*$/g, /^ {4}get (on\w+)\(\): (.*);\n.*$/gm, "Handler<this, Event>"],
  ];
  for (const [scope, member, other] of places) {
    for (const { 0: block, index } of types.matchAll(scope)) {
      for (const found of block.matchAll(member)) {
        const [lines, name, type] = found;
        const at = index + found.index;
        const changed = lines.replaceAll(type, other);
        yield {
          name: `${name}: ${type}`,
          file,
          text: types.slice(0, at) + changed + types.slice(at + lines.length),
        };
      }
    }
  }
}

async function compiles(dir, files, flags) {
  assert.equal(await complaintsOf(dir, files, flags), "");
}

async function complaintsOf(dir, files, flags) {
  try {
    return await run(command("tsc"), [...STRICT, ...flags, ...files], { cwd: dir });
  } catch (error) {
    if (!error.stdout || error.killed) {
      throw error;
    }
    return error.stdout;
  }
}
