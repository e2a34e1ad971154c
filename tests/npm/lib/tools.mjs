// What `cargo xtask pack --test` tells: where setup put what it installed, the packed tarball, and
// Chromium.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { promisify } from "node:util";

export const { QWEBSOCKET_TARBALL: tarball, QWEBSOCKET_CHROMIUM: chromium } = process.env;
const { QWEBSOCKET_COUNTERPARTS: installed } = process.env;

const npm = path.join(import.meta.dirname, "../../../npm");
/** Whether `cargo xtask test-tools` asks, for the versions of the day and not those of lock files. */
const isNewest = process.env.QWEBSOCKET_NEWEST !== undefined;

/** Everything below finds these packages as its own. */
export const tools = isNewest ? path.join(npm, "newest") : npm;
export const require = createRequire(`${tools}/`);

/** The same, with the bundlers, test runners and hosts that only `hosts.test.mjs` tries. */
export const hosts = isNewest ? tools : path.join(npm, "hosts");

/** The same, with Bun, Deno and a newer Node. */
export const runtimes = isNewest ? tools : path.join(installed, "runtimes");

/** The version of a package that is installed there. */
export function version(name, installed = hosts) {
  const manifest = path.join(installed, "node_modules", name, "package.json");
  return JSON.parse(readFileSync(manifest, "utf8")).version;
}

/** The programs of the packages that hold one for this platform. */
export const node = process.execPath;
export const newerNode = runtime(/^node-(darwin|linux|win)/, "bin/node");
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
  const modules = path.join(runtimes, "node_modules");
  const found = readdirSync(modules).find((name) => packages.test(name));
  const dir = path.join(modules, found);
  return found.startsWith("@")
    ? path.join(dir, readdirSync(dir)[0], program)
    : path.join(dir, program);
}
