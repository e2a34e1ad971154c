// Pages in a headless Chromium, which tell what went wrong in them.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";

import { chromium as program, require } from "./tools.mjs";

const { chromium } = require("playwright-core");
const webdriver = path.join(import.meta.dirname, "../../../webdriver.json");
export const { args } = JSON.parse(readFileSync(webdriver))["goog:chromeOptions"];

export function launch() {
  return chromium.launch({ executablePath: program, args });
}

const LIMIT = 20_000;

/** What Chromium itself says when a connection fails. */
export const FAILED_CONNECTION = /^WebSocket connection to /;
const NOTHING = /^$/;

/** Opens a page and returns its title, which it sets when it is done, after so many milliseconds. */
export function titleOf(browser, url, { mayComplain = NOTHING, timeout = LIMIT } = {}) {
  return inPage(browser, mayComplain, async (page) => {
    await page.goto(url);
    const title = await page.waitForFunction(() => document.title, null, { timeout });
    return title.jsonValue();
  });
}

/** Opens a page and returns the first lines of its console. */
export function linesOf(browser, url, count) {
  const lines = [];
  return inPage(browser, NOTHING, async (page) => {
    const isEnough = (message) => lines.push(message.text()) === count;
    await Promise.all([
      page.waitForEvent("console", { predicate: isEnough, timeout: LIMIT }),
      page.goto(url),
    ]);
    return lines;
  });
}

/** Lends a page that must not complain of anything else, nor talk to anybody but us. */
async function inPage(browser, mayComplain, use) {
  const context = await browser.newContext();
  const complaints = [];
  context.on("weberror", (error) => complaints.push(error.error().stack));
  context.on("console", (message) => {
    const isComplaint = ["error", "warning"].includes(message.type());
    if (isComplaint && !mayComplain.test(message.text())) {
      complaints.push(`${message.text()} ${message.location().url}`);
    }
  });
  context.on("request", (request) => {
    const { protocol, hostname } = new URL(request.url());
    if (protocol !== "data:" && hostname !== "127.0.0.1") {
      complaints.push(`asks for ${request.url()}`);
    }
  });
  try {
    const page = await context.newPage();
    const result = await use(page);
    assert.deepEqual(complaints, []);
    return result;
  } catch (error) {
    error.message += `\n${complaints.join("\n")}`;
    throw error;
  } finally {
    await context.close();
  }
}
