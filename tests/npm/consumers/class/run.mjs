// Runs all cases with the package, in this runtime. One body for all of them.

import * as package_ from "./node_modules/qwebsocket/reconnecting.js";
import * as again from "./cases/again.mjs";
import * as arguments_ from "./cases/arguments.mjs";
import * as ends from "./cases/ends.mjs";
import * as events from "./cases/events.mjs";
import * as features from "./cases/features.mjs";
import * as iterators from "./cases/iterators.mjs";
import * as listeners from "./cases/listeners.mjs";
import * as sending from "./cases/sending.mjs";

const LIMIT = 15_000;

/** Returns what became of each case: its name, and why it failed if it did. */
export async function run(url, options, only = "") {
  package_.init();
  const results = [];
  for (const [file, cases] of Object.entries({ again, arguments: arguments_, ends, events, features, iterators, listeners, sending })) {
    for (const [name, body] of Object.entries(cases)) {
      if (!name.includes(only)) {
        continue;
      }
      const failure = await withinLimit(body({ ...package_, url, options })).then(
        () => null,
        (error) => error?.stack ?? String(error),
      );
      results.push({ name: `${file}: ${name.replaceAll("_", " ")}`, failure });
    }
  }
  return results;
}

function withinLimit(promise) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error("it takes too long")), LIMIT);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}
