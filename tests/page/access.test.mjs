// The page without a mouse, and for those who do not see it, in light and in dark.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, afterEach, before, beforeEach, describe, test } from "node:test";

import { Chromium } from "./lib/chromium.mjs";
import { artifact, require } from "./lib/environment.mjs";
import { Firefox } from "./lib/firefox.mjs";

const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

const MOST_STOPS = 80;

for (const Driver of [Chromium, Firefox]) {
  for (const dark of [false, true]) {
    describe(`${Driver.name}, ${dark ? "dark" : "light"}`, { concurrency: 1 }, () => {
      let browser;

      before(async () => {
        browser = await Driver.launch({ dark });
      });
      after(() => browser?.close());
      beforeEach(async () => {
        await browser.resize(1280, 900);
        await browser.open();
      });
      afterEach(() => browser.assertQuiet());

      /** What axe-core, with all its rules, has to say. */
      const violations = async () => {
        await browser.evaluate(axe);
        return browser.evaluate(async () => {
          const { violations } = await window.axe.run(document);
          return violations.flatMap(({ id, nodes }) =>
            nodes.map((node) => `${id}: ${node.target} ${node.failureSummary}`),
          );
        });
      };
      const show = async (name) => {
        await browser.evaluate(() => scrollTo({ top: 0, behavior: "instant" }));
        const scheme = dark ? "dark" : "light";
        return browser.screenshot(artifact(`${Driver.name}-${scheme}-${name}.png`.toLowerCase()));
      };

      test("has the colours of the system", async () => {
        const isDark = await browser.evaluate(() => {
          const [red, green, blue] = getComputedStyle(document.body).backgroundColor.match(/\d+/g);
          return Number(red) + Number(green) + Number(blue) < 3 * 128;
        });
        assert.equal(isDark, dark);
      });

      test("has no violation when it is fresh", async () => {
        assert.deepEqual(await violations(), []);
      });

      test("has no violation when everything has happened", async () => {
        await browser.click("#connect");
        await browser.untilText("#state", "connected");
        await browser.fill("#text", "hello");
        await browser.click("#text-form .primary");
        await browser.untilRow("#log", "textMessageReceived");
        await browser.click("#ping");
        await browser.click("[data-scene=exchange]");
        await browser.click("#measure");
        await browser.untilText("#measure-words", "Done.");
        await browser.click("#stream");
        await browser.until(() => Number(document.querySelector("#count-echoed").textContent) > 10);
        await browser.evaluate(() => {
          document.querySelectorAll("details").forEach((details) => (details.open = true));
        });
        assert.deepEqual(await violations(), []);
        await show("wide");
        await browser.resize(360, 800);
        await show("narrow");
        assert.deepEqual(await violations(), []);
      });

      test("is used with the keyboard alone", async () => {
        const here = (selector) =>
          browser.evaluate((selector) => document.activeElement.matches(selector), selector);
        /** Goes on to an element, and sees the focus at each stop. */
        const tabTo = async (selector) => {
          for (let stop = 0; stop < MOST_STOPS; stop += 1) {
            await browser.press("Tab");
            const { outline, what } = await browser.evaluate(() => ({
              outline: getComputedStyle(document.activeElement).outlineStyle,
              what: document.activeElement.outerHTML.slice(0, 80),
            }));
            assert.notEqual(outline, "none", `the focus does not show at ${what}`);
            if (await here(selector)) {
              return;
            }
          }
          assert.fail(`there is no way to ${selector}`);
        };

        await tabTo(".skip");
        await browser.press("Enter");
        await browser.until(() => document.activeElement.id === "main");

        await tabTo("#tab-js");
        await browser.press("ArrowRight");
        assert.ok(await here("#tab-rust"));
        await browser.until(() => !document.querySelector("#sample-rust").hidden);

        await tabTo("#connect");
        await browser.press("Enter");
        await browser.until(() => document.activeElement.id === "text");
        await browser.type("by keyboard");
        await browser.press("Enter");
        await browser.untilRow("#log", "textMessageReceived", "by keyboard");
        assert.ok(await here("#text"));

        await tabTo("#reason");
        await browser.type("done");
        await browser.press("Enter");
        await browser.untilText("#close-reason", "done");
        await browser.until(() => document.activeElement.id === "connect");

        await tabTo("[data-scene=exchange]");
        await browser.press("Enter");
        await browser.untilRow("#ours-log", "disconnected");
        await browser.until(() => document.activeElement.dataset.scene === "exchange");

        await tabTo("#measure");
        await browser.press("Enter");
        await browser.until(() => document.activeElement.id === "measure-stop");
        await browser.press("Enter");
        await browser.until(() => document.activeElement.id === "measure");

        await tabTo("#stream");
        await browser.press("Enter");
        await browser.until(() => Number(document.querySelector("#count-echoed").textContent) > 0);
        await browser.press("Enter");
        await browser.untilText("#stream-state", "Stopped.");
      });
    });
  }
}
