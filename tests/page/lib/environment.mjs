// What `cargo xtask serve --test` tells: the page, the browsers, and where setup put Node's packages.

import { mkdirSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";

export const {
  QWEBSOCKET_PAGE: page,
  QWEBSOCKET_CHROMIUM: chromium,
  QWEBSOCKET_FIREFOX: firefox,
  QWEBSOCKET_GECKODRIVER: geckodriver,
} = process.env;
const { QWEBSOCKET_COUNTERPARTS: installed } = process.env;

export const require = createRequire(path.join(installed, "npm/"));

/** A place for a file that is only looked at. */
export function artifact(name) {
  const dir = path.join(installed, "page-shots");
  mkdirSync(dir, { recursive: true });
  return path.join(dir, name);
}
