// Sums up for xtask what Node's test runner did, in the words of Rust's. What was skipped or is left
// to do has failed.

export default async function* report(events) {
  let passed = 0;
  let failed = 0;
  for await (const { type, data } of events) {
    if (data.details?.type === "suite" || (type !== "test:pass" && type !== "test:fail")) {
      continue;
    }
    const isGood = type === "test:pass" && data.skip === undefined && data.todo === undefined;
    isGood ? passed++ : failed++;
  }
  yield `test result: ${failed === 0 ? "ok" : "FAILED"}. ${passed} passed; ${failed} failed; 0 ignored\n`;
  if (failed > 0) {
    process.exitCode = 1;
  }
}
