// A program that serves until it is ended, and tells where.

import { spawn } from "node:child_process";
import { once } from "node:events";

const ADDRESS = /http:\/\/(?:127\.0\.0\.1|localhost):[1-9]\d*/;
const LIMIT = 120_000;

/** Starts it in a group of its own, hands the first address that it writes to `use`, and ends it. */
export async function serving(program, arguments_, { cwd, env }, use) {
  const stdio = ["ignore", "pipe", "pipe"];
  const served = spawn(program, arguments_, { cwd, env, stdio, detached: true });
  const ended = once(served, "exit");
  try {
    await use(await addressOf(served));
  } finally {
    if (served.exitCode === null) {
      process.kill(-served.pid, "SIGTERM");
    }
    await ended;
  }
}

function addressOf(served) {
  let told = "";
  return new Promise((resolve, reject) => {
    const fail = () => reject(new Error(`it told no address:\n${told}`));
    const timer = setTimeout(fail, LIMIT);
    const hear = (data) => {
      told += data;
      const [address] = ADDRESS.exec(told) ?? [];
      if (address) {
        clearTimeout(timer);
        resolve(address);
      }
    };
    served.stdout.on("data", hear);
    served.stderr.on("data", hear);
    served.on("exit", () => {
      clearTimeout(timer);
      fail();
    });
    served.on("error", reject);
  });
}
