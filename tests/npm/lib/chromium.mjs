// Pages in a headless Chromium, which tell what went wrong in them.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";

import { chromium as program, require } from "./tools.mjs";

const { chromium } = require("playwright-core");
const webdriver = path.join(import.meta.dirname, "../../../webdriver.json");
const { args } = JSON.parse(readFileSync(webdriver))["goog:chromeOptions"];

export function launch() {
  return chromium.launch({ executablePath: program, args });
}

/** Opens a page and returns its title, which it sets when it is done. */
export async function titleOf(browser, url) {
  const context = await browser.newContext();
  try {
    const page = await context.newPage();
    const complaints = [];
    page.on("pageerror", (error) => complaints.push(error.stack));
    page.on("console", (message) => {
      if (["error", "warning"].includes(message.type())) {
        complaints.push(`${message.text()} ${message.location().url}`);
      }
    });
    page.on("request", (request) => {
      const { protocol, hostname } = new URL(request.url());
      if (protocol !== "data:" && hostname !== "127.0.0.1") {
        complaints.push(`asks for ${request.url()}`);
      }
    });
    await page.goto(url);
    const isDone = () => document.title;
    const title = await page.waitForFunction(isDone, null, { timeout: 30_000 }).catch((error) => {
      throw new Error(`the page never ended: ${complaints.join("\n")}`, { cause: error });
    });
    assert.deepEqual(complaints, []);
    return await title.jsonValue();
  } finally {
    await context.close();
  }
}
