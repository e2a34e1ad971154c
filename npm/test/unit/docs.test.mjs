// What an editor shows: each name that users can write has a comment, in what is generated for them.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";

import { place } from "../lib/package.mjs";

const types = path.join(place, "types");
const files = readdirSync(types, { recursive: true }).filter((name) => name.endsWith(".d.ts"));

/** What no user can call, what is asked of the platform's types, and what is said elsewhere. */
const UNSAID =
  /^(?:#private|private constructor|readonly \[events]|declare const events:|\w+: (?:infer|\{$)|import |export (?:type )?[{*])/;
/** Methods and functions that throw nothing, whatever they are given, and what is given by others. */
const NEVER_THROW =
  /^(?:features|supports|drained|messages|events|abort|addEventListener|removeEventListener|next|takeUnsent|pause|resume|drop|log|greeting|decide|accept|onMessage|isAnswer)$/;

/** The declarations of a file, with their comments. */
function* declarationsIn(file) {
  const lines = readFileSync(path.join(types, file), "utf8").split("\n");
  let owner, comment, previous;
  for (let at = 0; at < lines.length; at++) {
    const [, space, text] = /^( {0,4})(\S.*)$/.exec(lines[at]) ?? [];
    if (text?.startsWith("/**")) {
      const start = at;
      while (!lines[at].includes("*/")) {
        at++;
      }
      comment = lines
        .slice(start, at + 1)
        .map((line) => line.trim().replace(/^\*(?!\/) ?/, ""))
        .join(" ");
    } else if (text && /^(?:\w|\[)/.test(text) && (space === "" || space.length === 4)) {
      owner = space ? owner : nameOf(text);
      const name = space ? `${owner}.${nameOf(text)}` : owner;
      if (!UNSAID.test(text) && !(name === previous && !comment)) {
        yield { file, name, text, comment: comment ?? "" };
      }
      [previous, comment] = [name, undefined];
    } else if (text !== undefined) {
      comment = undefined;
    }
  }
}

function nameOf(text) {
  const words =
    /^(?:export |declare |default |abstract |static |readonly |protected |get |set |class |interface |type |const |function )*/;
  return /^(?:\[[\w.]+]|"[^"]+"|\w+)?/.exec(text.replace(words, ""))[0];
}

const all = files.flatMap((file) => [...declarationsIn(file)]);
const namesOf = (declarations) => declarations.map(({ file, name }) => `${file}: ${name}`);

test("there is something to read", () => {
  assert(all.length > 200, `${all.length} declarations`);
  assert(all.some(({ name }) => name === "QWebSocket.open"));
  assert(all.some(({ name }) => name === "Endpoint.onpong"));
});

test("each has a comment", () => {
  const silent = all.filter(({ comment }) => comment === "");
  assert.deepEqual(namesOf(silent), []);
});

test("each option says its default, unless it throws or nothing is sent without it", () => {
  const options = all.filter(
    ({ name, text }) => /^\w*(?:Options|KeepAlive)\./.test(name) && /^\w+\?:/.test(text),
  );
  assert(options.length > 30, `${options.length} options`);
  const silent = options.filter(({ comment }) => !/@default|Throws: `/.test(comment));
  assert.deepEqual(namesOf(silent), []);
});

test("each number says what it counts, and from where to where it may be", () => {
  const numbers = all.filter(
    ({ name, text }) => /^\w*(?:Options|KeepAlive)\./.test(name) && /: number\b/.test(text),
  );
  assert(numbers.length > 12, `${numbers.length} numbers`);
  const silent = numbers.filter(
    ({ comment }) =>
      !/Throws: `/.test(comment) &&
      !(
        /\b(?:from|at least)\b/.test(comment) &&
        /\b(?:milliseconds|bytes|attempts|number|port)\b/.test(comment)
      ),
  );
  assert.deepEqual(namesOf(silent), []);
});

test("each call says what it throws, or throws nothing", () => {
  const calls = all.filter(({ name, text }) => {
    const last = name.split(".").at(-1);
    const isCall = /^(?:export declare |abstract |static )*(?:function )?[\w.[\]]+(?:<.*>)?\(/.test(
      text,
    );
    return isCall && !NEVER_THROW.test(last) && !text.startsWith("[Symbol.");
  });
  assert(calls.length > 20, `${calls.length} calls`);
  const silent = calls.filter(
    ({ comment }) => !/@throws|[Tt]hrows (?:and rejects )?nothing|What it throws/.test(comment),
  );
  assert.deepEqual(namesOf(silent), []);
});

test("the README names each option", () => {
  const readme = readFileSync(path.join(place, "README.md"), "utf8");
  const names = all
    .filter(
      ({ file, name }) =>
        /^\w*(?:Options|KeepAlive)\.\w+$/.test(name) && !file.startsWith("events"),
    )
    .map(({ name }) => name.split(".")[1]);
  assert(new Set(names).size > 40, `${new Set(names).size} options`);
  const unnamed = names.filter((name) => !readme.includes(`\`${name}\``));
  assert.deepEqual([...new Set(unnamed)], []);
});
