// Firefox, driven by WebDriver through geckodriver. Its console and its requests come over the
// WebDriver's own WebSocket (BiDi).

import { writeFileSync } from "node:fs";

import { Browser } from "./browser.mjs";
import { firefox as program, geckodriver, require } from "./environment.mjs";

const { Builder, By, Key } = require("selenium-webdriver");
const { Options, ServiceBuilder } = require("selenium-webdriver/firefox");
const { Select } = require("selenium-webdriver/lib/select");

const KEYS = {
  Tab: Key.TAB,
  Enter: Key.ENTER,
  Escape: Key.ESCAPE,
  ArrowRight: Key.ARROW_RIGHT,
  ArrowLeft: Key.ARROW_LEFT,
};

export class Firefox extends Browser {
  static async launch({ dark = false, preferences = {} } = {}) {
    const options = new Options()
      .addArguments("-headless")
      .setBinary(program)
      .setPreference("ui.systemUsesDarkTheme", dark ? 1 : 0);
    for (const [name, value] of Object.entries(preferences)) {
      options.setPreference(name, value);
    }
    options.enableBidi();
    const driver = await new Builder()
      .forBrowser("firefox")
      .setFirefoxOptions(options)
      .setFirefoxService(new ServiceBuilder(geckodriver))
      .build();
    const bidi = await driver.getBidi();
    await bidi.subscribe("log.entryAdded");
    await bidi.subscribe("network.beforeRequestSent");
    return new Firefox(driver, bidi);
  }

  constructor(driver, bidi) {
    super();
    this.driver = driver;
    this.bidi = bidi;
    bidi.socket.on("message", (data) => this.#hear(JSON.parse(data)));
  }

  goto(url) {
    return this.driver.get(url);
  }

  click(selector) {
    return this.#find(selector).click();
  }

  async fill(selector, text) {
    await this.#find(selector).clear();
    await this.#find(selector).sendKeys(text);
  }

  choose(selector, value) {
    return new Select(this.#find(selector)).selectByValue(value);
  }

  upload(selector, file) {
    return this.#find(selector).sendKeys(file);
  }

  async press(...keys) {
    for (const key of keys) {
      const [name, modifier] = key.split("+").reverse();
      const actions = this.driver.actions();
      if (modifier) {
        actions.keyDown(Key[modifier.toUpperCase()]);
      }
      actions.sendKeys(KEYS[name] ?? name);
      if (modifier) {
        actions.keyUp(Key[modifier.toUpperCase()]);
      }
      await actions.perform();
    }
  }

  type(text) {
    return this.driver.actions().sendKeys(text).perform();
  }

  evaluate(look, argument) {
    const script = typeof look === "string" ? look : `return (${look})(...arguments)`;
    return this.driver.executeScript(script, argument);
  }

  async resize(width, height) {
    const context = await this.driver.getWindowHandle();
    const params = { context, viewport: { width, height } };
    await this.bidi.send({ method: "browsingContext.setViewport", params });
  }

  async screenshot(file) {
    const image =
      (await this.driver.takeFullPageScreenshot?.()) ?? (await this.driver.takeScreenshot());
    writeFileSync(file, image, "base64");
  }

  close() {
    return this.driver.quit();
  }

  #find(selector) {
    return this.driver.findElement(By.css(selector));
  }

  #hear({ method, params }) {
    if (method === "log.entryAdded" && ["error", "warn"].includes(params.level)) {
      this.complaints.push(params.text);
    } else if (method === "network.beforeRequestSent") {
      this.requested.push(params.request.url);
    }
  }
}
