// Chromium, driven by Playwright.

import { readFileSync } from "node:fs";
import path from "node:path";

import { Browser } from "./browser.mjs";
import { chromium as program, require } from "./environment.mjs";

const { chromium } = require("playwright-core");
const webdriver = path.join(import.meta.dirname, "../../../webdriver.json");
const { args } = JSON.parse(readFileSync(webdriver))["goog:chromeOptions"];

/** A browser with an empty page. */
export async function launch({ colorScheme = "light", moreArgs = [] } = {}) {
  const browser = await chromium.launch({ executablePath: program, args: [...args, ...moreArgs] });
  const page = await browser.newPage({ colorScheme });
  return { browser, page };
}

export class Chromium extends Browser {
  static async launch({ dark = false } = {}) {
    const { browser, page } = await launch({ colorScheme: dark ? "dark" : "light" });
    return new Chromium(browser, page);
  }

  constructor(browser, page) {
    super();
    this.browser = browser;
    this.page = page;
    page.on("pageerror", (error) => this.complaints.push(error.stack));
    page.on("console", (message) => {
      if (["error", "warning"].includes(message.type())) {
        this.complaints.push(message.text());
      }
    });
    page.on("request", (request) => this.requested.push(request.url()));
    page.on("websocket", (socket) => this.requested.push(socket.url()));
  }

  goto(url) {
    return this.page.goto(url);
  }

  click(selector) {
    return this.page.click(selector);
  }

  fill(selector, text) {
    return this.page.fill(selector, text);
  }

  choose(selector, value) {
    return this.page.selectOption(selector, value);
  }

  upload(selector, file) {
    return this.page.setInputFiles(selector, file);
  }

  async press(...keys) {
    for (const key of keys) {
      await this.page.keyboard.press(key);
    }
  }

  type(text) {
    return this.page.keyboard.type(text);
  }

  evaluate(look, argument) {
    return this.page.evaluate(look, argument);
  }

  resize(width, height) {
    return this.page.setViewportSize({ width, height });
  }

  screenshot(file) {
    return this.page.screenshot({ path: file, fullPage: true });
  }

  close() {
    return this.browser.close();
  }
}
