// What `cargo xtask pack --test` tells: where setup put what it installed, the packed tarball, and
// Chromium.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readdirSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { promisify } from "node:util";

export const { QWEBSOCKET_TARBALL: tarball, QWEBSOCKET_CHROMIUM: chromium } = process.env;
const { QWEBSOCKET_COUNTERPARTS: installed } = process.env;

/** Everything below finds these packages as its own. */
export const tools = path.join(import.meta.dirname, "../../../npm");
export const require = createRequire(`${tools}/`);

/** The same, with the bundlers, test runners and hosts that only `hosts.test.mjs` tries. */
export const hosts = path.join(tools, "hosts");

/** The programs of the packages that hold one for this platform. */
export const node = process.execPath;
export const newerNode = runtime(/^node-/, "bin/node");
export const deno = runtime(/^@deno$/, "deno");
export const bun = runtime(/^@oven$/, "bin/bun");

/** The script that a tool's command line starts. */
export function command(name) {
  return path.join(tools, "node_modules/.bin", name);
}

const LIMIT = 60_000;

/**
 * Runs a program to its end and returns what it wrote. Complaints are failures, and what it says of
 * a failure is in the error.
 */
export async function run(program, arguments_, options) {
  const settings = { timeout: LIMIT, maxBuffer: 1 << 26, ...options };
  try {
    const { stdout, stderr } = await promisify(execFile)(program, arguments_, settings);
    assert.equal(stderr, "");
    return stdout;
  } catch (error) {
    error.message += `\n${error.stdout ?? ""}`;
    throw error;
  }
}

function runtime(packages, program) {
  const modules = path.join(installed, "runtimes/node_modules");
  const found = readdirSync(modules).find((name) => packages.test(name));
  const dir = path.join(modules, found);
  return found.startsWith("@")
    ? path.join(dir, readdirSync(dir)[0], program)
    : path.join(dir, program);
}
