// Pages in a browser that converse with an echo server. Both run as long as the tests of the file that
// imports this.

import { after, before } from "node:test";

import { launch, titleOf } from "./chromium.mjs";
import { EchoServer } from "./echo_server.mjs";
import { serve } from "./site.mjs";

export let server;
let browser;
before(async () => {
  [server, browser] = await Promise.all([EchoServer.start(), launch()]);
});
after(async () => {
  server.stop();
  await browser.close();
});

/** Visits a directory as a site. */
export async function served(dir, visit) {
  const site = await serve(dir);
  try {
    await visit(`${site.url}/`);
  } finally {
    site.stop();
  }
}

/** In the page itself, and in a worker that the bundler finds. */
export async function conversesEverywhere(t, page) {
  for (const place of ["page", "worker"]) {
    await t.test(place, () => conversesAt(`${page}?place=${place}`));
  }
}

export function conversesAt(page) {
  const address = new URL(page);
  return server.converse((url) => {
    address.searchParams.set("server", url);
    return titleOf(browser, address.href);
  });
}
