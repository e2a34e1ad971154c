// The shell's numbers and names are the core's: read in both sources, since neither is made of the other.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { before, test } from "node:test";

import { build } from "esbuild";

const npm = path.join(import.meta.dirname, "../..");

/** The shell's tables, out of its sources. */
let shell;
before(async () => {
  const contents = `
    export { bitsOf, featureNames, featureOf, SIGNALS, STATES } from "./src/names.js";
    export { kindOf } from "./src/errors.js";
    export { DRAIN, KEEP_ALIVE } from "./src/border/alarm.js";
    export { Command } from "./src/border/reconnect_link.js";`;
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: npm, loader: "ts" },
    bundle: true,
    format: "esm",
    write: false,
    logLevel: "error",
  });
  const [{ text }] = outputFiles;
  shell = await import(`data:text/javascript,${encodeURIComponent(text)}`);
});

/** What a pattern finds in a source of the core: names and numbers. */
function core(file, pattern, { from = "", to, swapped = false } = {}) {
  const text = readFileSync(path.join(npm, "../src", file), "utf8");
  const part = text.slice(text.indexOf(from), to && text.indexOf(to));
  const found = Array.from(part.matchAll(pattern), ([, ...both]) => {
    const [name, number] = swapped ? both.reverse() : both;
    return [name, Number(number)];
  });
  assert(found.length > 3, `${file} is written in another way than this test reads`);
  return found;
}

test("features are the same bits", () => {
  const features = core("features.rs", /^ {4}([A-Z_]+) = (\d+);$/gm);
  assert.deepEqual(
    features,
    shell.featureNames().map((name, bit) => [name, bit]),
  );
  for (const [name, bit] of features) {
    assert.equal(shell.bitsOf([name]), 2 ** bit);
    assert.equal(shell.featureOf(2 ** bit), name);
  }
});

test("states are the same numbers", () => {
  const states = core("backend/web/npm/numbers.rs", /State::(\w+) => (\d+),/g);
  const named = shell.STATES.map((name, number) => [name, number]);
  assert.deepEqual(
    states.map(([name, number]) => [name.toLowerCase(), number]),
    named,
  );
});

/** Those that are not called as in the core. */
const RENAMED = {
  readFinished: "readChannelFinished",
  error: "errorOccurred",
  connecting: "attempt",
  failed: "attemptFailed",
};

test("events are the same numbers", () => {
  const events = [
    ...core("backend/web/npm/numbers.rs", /Event::(\w+)[^=]*=> \((\d+), /g),
    ...core(
      "backend/web/npm/reconnecting.rs",
      /(?:ReconnectEvent::|Notice::(?!Event))(\w+)[^]*?\b(\d\d)\b/g,
      {
        from: "ReconnectEvent::Connecting",
        to: "// Of messages",
      },
    ),
  ];
  const named = events.map(([name, number]) => {
    const lower = name[0].toLowerCase() + name.slice(1);
    return [number, RENAMED[lower] ?? lower];
  });
  const told = Object.entries(shell.SIGNALS).filter(([, name]) => name);
  assert.deepEqual(
    Object.fromEntries(named),
    Object.fromEntries(told.map(([number, name]) => [Number(number), name])),
  );
});

test("kinds of errors are the same numbers", () => {
  const kinds = core("backend/web/npm/host.rs", /ErrorKind::(\w+)\S* => \((\d+), /g);
  for (const [name, number] of kinds) {
    assert.equal(shell.kindOf(number), name);
  }
  assert.equal(shell.kindOf(5), "Connection");
});

test("timers are the same numbers", () => {
  const timers = core("backend/web/npm/numbers.rs", /(\w) => TimerKind::(\w+),/g, {
    swapped: true,
  });
  assert.deepEqual(timers.slice(-2), [
    ["Drain", shell.DRAIN],
    // What is left.
    ["KeepAlive", NaN],
  ]);
  assert.equal(timers.length, shell.KEEP_ALIVE + 1);
});

test("commands are the same numbers", () => {
  const pattern = /(\w) => .*?core\.(?:take_hint\(Hint::)?(\w+)/g;
  const commands = core("backend/web/npm/reconnecting_exports.rs", pattern, { swapped: true });
  const named = commands.map(([name, number]) => {
    const camel = name.replace(/_\w/g, ([, letter]) => letter.toUpperCase());
    return [camel[0].toLowerCase() + camel.slice(1), number];
  });
  const { resumed, ...others } = shell.Command;
  // What is left.
  assert.deepEqual(named.at(-1), ["resumed", NaN]);
  assert.deepEqual(Object.fromEntries(named.slice(0, -1)), others);
  assert.equal(resumed, named.length - 1);
});
