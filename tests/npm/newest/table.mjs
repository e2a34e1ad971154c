// What `cargo xtask test-tools` shows at its end: a row for each tool, with its version, and how many of
// its tests passed. What was skipped has failed.

const TITLE = ["tool", "passed", "failed", "seconds"];

export default async function* table(events) {
  const rows = [];
  /** Of the row that is running. */
  let below = { passed: 0, failed: 0 };
  for await (const { type, data } of events) {
    const isEnd = type === "test:pass" || type === "test:fail";
    if (!isEnd || data.details?.type === "suite") {
      continue;
    }
    const isGood = type === "test:pass" && data.skip === undefined && data.todo === undefined;
    below[isGood ? "passed" : "failed"]++;
    if (data.nesting === 0) {
      rows.push({ ...below, name: data.name, seconds: data.details.duration_ms / 1000 });
      below = { passed: 0, failed: 0 };
    }
  }
  yield* lines(rows);
  if (rows.length === 0 || sum(rows, "failed") > 0) {
    process.exitCode = 1;
  }
}

function* lines(rows) {
  const width = Math.max(...rows.map(({ name }) => name.length), 0) + 2;
  const line = ([name, ...figures]) =>
    `${name.padEnd(width)}${figures.map((figure) => `${figure}`.padStart(8)).join("")}\n`;
  yield `\n${line(TITLE)}`;
  for (const { name, passed, failed, seconds } of rows) {
    yield line([name, passed, failed, seconds.toFixed(1)]);
  }
  yield `\n${sum(rows, "passed")} passed, ${sum(rows, "failed")} failed\n`;
}

function sum(rows, name) {
  return rows.reduce((sum, row) => sum + row[name], 0);
}
