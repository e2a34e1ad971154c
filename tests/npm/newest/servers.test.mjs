// What runs on servers: Next.js with both of its bundlers, and Cloudflare's wrangler.

import { test } from "node:test";

import { conversesAt, server } from "../lib/pages.mjs";
import { scratch } from "../lib/project.mjs";
import { serving } from "../lib/serving.mjs";
import { hosts, node, run, version } from "../lib/tools.mjs";

const NEXT_ENV = { ...process.env, NEXT_TELEMETRY_DISABLED: "1" };

for (const bundler of ["turbopack", "webpack"]) {
  test(`Next.js ${version("next")}, ${bundler}`, async (t) => {
    const cwd = await scratch("next");
    const next = [`${hosts}/node_modules/next/dist/bin/next`];
    const options = { cwd, env: NEXT_ENV, timeout: 240_000 };
    await t.test("build", () => run(node, [...next, "build", `--${bundler}`], options));
    const flags = ["start", "--port", "0", "--hostname", "127.0.0.1"];
    await serving(node, [...next, ...flags], options, async (site) => {
      await t.test("server component", () =>
        server.converse(async (url) => {
          const page = await text(`${site}/?server=${url}`);
          return /<output>(.*)<\/output>/.exec(page)?.[1] ?? page;
        }),
      );
      await t.test("route handler", () =>
        server.converse((url) => text(`${site}/route?server=${url}`)),
      );
      await t.test("page", () => conversesAt(`${site}/client`));
    });
  });
}

test(`wrangler ${version("wrangler")}`, async () => {
  const cwd = await scratch("wrangler");
  const wrangler = `${hosts}/node_modules/wrangler/bin/wrangler.js`;
  const env = { ...process.env, CI: "1", WRANGLER_SEND_METRICS: "false" };
  const flags = ["dev", "--port", "0", "--ip", "127.0.0.1", "--show-interactive-dev-session=false"];
  await serving(node, [wrangler, ...flags], { cwd, env }, (site) =>
    server.converse((url) => text(`${site}/?server=${url}`)),
  );
});

async function text(url) {
  return (await fetch(url)).text();
}
