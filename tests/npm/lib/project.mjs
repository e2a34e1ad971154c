// A scratch project with the packed tarball installed, as a user has it.

import { existsSync } from "node:fs";
import { cp, mkdir, rm, writeFile } from "node:fs/promises";
import path from "node:path";

import { run, tarball, tools } from "./tools.mjs";

const sources = path.join(import.meta.dirname, "../consumers");

/**
 * Makes the project `name` out of the files in `consumers/` of that name, and what all share. It is
 * below `installed`, whose packages it finds as if it had them installed itself.
 */
export async function scratch(name, installed = tools) {
  const dir = path.join(installed, ".scratch", name);
  await rm(dir, { recursive: true, force: true });
  await mkdir(dir, { recursive: true });
  const dependencies = { qwebsocket: `file:${tarball}` };
  await writeFile(
    path.join(dir, "package.json"),
    JSON.stringify({ name, private: true, type: "module", dependencies }),
  );
  await cp(path.join(sources, "converse.mjs"), path.join(dir, "converse.mjs"));
  const files = path.join(sources, name);
  if (existsSync(files)) {
    await cp(files, dir, { recursive: true });
  }
  await run("npm", ["install", "--offline", "--silent", "--no-audit", "--no-fund"], { cwd: dir });
  return dir;
}
