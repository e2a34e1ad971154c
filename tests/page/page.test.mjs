// The page as its visitors use it, in both browsers.

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import { after, afterEach, before, beforeEach, describe, test } from "node:test";

import { Chromium } from "./lib/chromium.mjs";
import { artifact } from "./lib/environment.mjs";
import { Firefox } from "./lib/firefox.mjs";

for (const Driver of [Chromium, Firefox]) {
  describe(Driver.name, { concurrency: 1 }, () => {
    let browser;
    let allowed;

    before(async () => {
      browser = await Driver.launch();
    });
    after(() => browser?.close());
    beforeEach(async () => {
      allowed = {};
      await browser.resize(1280, 900);
      await browser.open();
    });
    afterEach(() => browser.assertQuiet(allowed));

    const connect = async () => {
      await browser.click("#connect");
      await browser.untilText("#state", "connected");
    };

    test("says how large and how fast the package is", async () => {
      await browser.until(() =>
        /^[\d.]+ KiB$/.test(document.querySelector("#fact-size").textContent),
      );
      assert.match(await browser.text("#fact-start"), /^[\d.]+ ms$/);
      assert.match(await browser.text("#fact-server"), /^ws:\/\/127\.0\.0\.1:\d+/);
    });

    test("lists every feature, and those of this browser", async () => {
      const { types, listed, here, streams } = await browser.evaluate(async () => {
        const rows = [...document.querySelectorAll("#feature-list li")];
        const name = (row) => row.querySelector("b").firstChild.data;
        return {
          types: await (await fetch("package/types/types.d.ts")).text(),
          listed: rows.map(name),
          here: rows.filter((row) => row.classList.contains("here")).map(name),
          streams: "WebSocketStream" in globalThis,
        };
      });
      const [, union] = types.match(/type Feature =([^;]*);/);
      assert.deepEqual(
        listed,
        [...union.matchAll(/"(\w+)"/g)].map(([, name]) => name),
      );
      assert.deepEqual(here, streams ? ["READ_BUFFER"] : []);
    });

    test("connects, sends text and gets it back", async () => {
      await browser.fill("#subprotocols", "chat.v2, chat.v1");
      await connect();
      assert.equal(await browser.text("#subprotocol"), "chat.v2");
      await browser.fill("#text", "grüß Gott 😀");
      await browser.click("#text-form .primary");
      await browser.untilRow("#log", "textMessageReceived", "grüß Gott 😀");
      await browser.untilRow("#log", "bytesWritten");
      const kinds = (await browser.rows("#log")).map(([kind, detail]) =>
        `${kind} ${detail}`.trim(),
      );
      assert.deepEqual(kinds.filter((row) => !row.startsWith("bytesWritten")).slice(1), [
        "stateChanged connecting",
        "stateChanged connected",
        "connected",
        "sendTextMessage() grüß Gott 😀",
        "textMessageReceived grüß Gott 😀",
      ]);
    });

    test("sends a file and gets its bytes back", async () => {
      const content = randomBytes(70_000);
      const file = artifact("file.bin");
      writeFileSync(file, content);
      await connect();
      await browser.upload("#file", file);
      await browser.click("#file-form button");
      await browser.untilRow("#log", "binaryMessageReceived");
      const [, detail] = (await browser.rows("#log")).find(
        ([kind]) => kind === "binaryMessageReceived",
      );
      const hex = content
        .subarray(0, 48)
        .toString("hex")
        .replace(/..(?!$)/g, "$& ");
      assert.ok(detail.startsWith(`${hex} …  70,000 bytes`), detail);
    });

    test("says what the browser cannot do", async () => {
      await connect();
      await browser.click("#ping");
      await browser.untilRow("#log", "UnsupportedError");
      assert.match(await browser.text("#console-notice"), /Unsupported.*PING/);
      assert.match(await browser.text("#feature-list"), /PING is missing/);
      await browser.click("#console-notice button");
      assert.equal(await browser.text("#console-notice"), "");
    });

    test("refuses what cannot be used", async () => {
      await browser.fill("#address", "ws://[");
      await browser.click("#connect");
      await browser.until(() => document.querySelector("#console-notice").textContent !== "");
      assert.equal(await browser.text("#state"), "unconnected");
    });

    test("closes with a code and a reason", async () => {
      await connect();
      await browser.fill("#code", "4001");
      await browser.fill("#reason", "see you");
      await browser.click("#closing button");
      await browser.untilText("#state", "unconnected");
      assert.equal(await browser.text("#close-code"), "4001");
      assert.equal(await browser.text("#close-reason"), "see you");
      await browser.untilRow("#log", "disconnected");
      const kinds = (await browser.rows("#log")).map(([kind]) => kind).slice(-6);
      assert.deepEqual(kinds, [
        "close()",
        "aboutToClose",
        "stateChanged",
        "stateChanged",
        "readChannelFinished",
        "disconnected",
      ]);
    });

    test("shows a lost server, and connects again", async () => {
      allowed = { serverIsLost: true };
      await connect();
      await browser.evaluate(() => fetch("server/restart", { method: "POST", body: "200" }));
      await browser.untilText("#state", "unconnected");
      await browser.untilRow("#log", "errorOccurred", "RemoteClosed");
      assert.equal(await browser.text("#close-code"), "1006");
      await browser.until(() => {
        if (document.querySelector("#state").textContent === "unconnected") {
          document.querySelector("#connect").click();
        }
        return document.querySelector("#state").textContent === "connected";
      });
    });

    describe("side by side", () => {
      const play = async (scene) => {
        await browser.click(`[data-scene=${scene}]`);
        await browser.until(
          (scene) => !document.querySelector(`[data-scene=${scene}]`).disabled,
          scene,
        );
        const [raw, ours] = [await browser.rows("#raw-log"), await browser.rows("#ours-log")];
        return { raw, ours };
      };
      const kinds = (rows) => rows.map(([kind]) => kind).filter((kind) => kind !== "bytesWritten");

      test("exchanges messages", async () => {
        const { raw, ours } = await play("exchange");
        assert.deepEqual(kinds(raw), [
          "new WebSocket()",
          "open",
          "send()",
          "message",
          "send()",
          "message",
          "close()",
          "close",
        ]);
        assert.deepEqual(kinds(ours), [
          "open()",
          "stateChanged",
          "stateChanged",
          "connected",
          "sendTextMessage()",
          "textMessageReceived",
          "sendBinaryMessage()",
          "binaryMessageReceived",
          "close()",
          "aboutToClose",
          "stateChanged",
          "stateChanged",
          "readChannelFinished",
          "disconnected",
        ]);
      });

      test("counts the bytes of a large message", async () => {
        const { ours } = await play("large");
        const written = ours.filter(([kind]) => kind === "bytesWritten");
        const sum = written.reduce(
          (sum, [, d]) => sum + Number(d.split(" ")[0].replaceAll(",", "")),
          0,
        );
        assert.equal(sum, 4 << 20);
      });

      test("closes with a reason", async () => {
        const { raw, ours } = await play("close");
        assert.deepEqual(raw.at(-1), ["close", "4000 “enough” clean"]);
        assert.deepEqual(kinds(ours).at(-1), "disconnected");
      });

      test("finds nobody", async () => {
        allowed = { serverIsLost: true };
        const { raw, ours } = await play("refused");
        assert.deepEqual(kinds(raw), ["new WebSocket()", "error", "close"]);
        assert.deepEqual(kinds(ours), [
          "open()",
          "stateChanged",
          "errorOccurred",
          "stateChanged",
          "disconnected",
        ]);
        assert.match(ours[2][1], /^Connection: /);
      });

      test("loses the server", async () => {
        allowed = { serverIsLost: true };
        const { raw, ours } = await play("lost");
        assert.match(raw.at(-1)[1], /^1006 /);
        assert.match(ours.find(([kind]) => kind === "errorOccurred")[1], /^RemoteClosed: /);
      });

      test("sends too early", async () => {
        const { raw, ours } = await play("wrong");
        assert.ok(kinds(raw).includes("InvalidStateError"));
        assert.match(ours.find(([kind]) => kind === "QWebSocketError")[1], /^WrongState: /);
      });
    });

    test("measures and draws", async () => {
      await browser.choose("#measure-kind", "multibyte");
      await browser.click("#measure");
      await browser.untilText("#measure-words", "Done.");
      const { table, bars, dots, curves, labels } = await browser.evaluate(() => ({
        table: [...document.querySelectorAll("#measure-table tr")].map((row) =>
          [...row.cells].map((cell) => cell.textContent),
        ),
        bars: document.querySelectorAll("#throughput .area").length,
        dots: document.querySelectorAll("#throughput .dot").length,
        curves: document.querySelectorAll("#trips .curve").length,
        labels: [...document.querySelectorAll(".charts svg")].map((svg) => svg.ariaLabel),
      }));
      assert.equal(table.length, 4);
      for (const [label, raw, ours, ratio] of table) {
        assert.ok(
          [raw, ours, ratio].every((cell) => parseFloat(cell) > 0),
          label,
        );
      }
      assert.deepEqual([bars, dots, curves], [6, 42, 2]);
      assert.match(labels[0], /16 B: [\d.]+, 1 KiB: [\d.]+, 64 KiB: [\d.]+/);
      assert.match(labels[1], /[\d.]+ ms with the browser’s, [\d.]+ ms with ours/);
    });

    test("stops measuring", async () => {
      await browser.click("#measure");
      await browser.click("#measure-stop");
      await browser.untilText("#measure-words", "Stopped.");
    });

    test("survives the server’s restart", async () => {
      allowed = { serverIsLost: true };
      const number = (id) => browser.text(`#count-${id}`).then(Number);
      await browser.click("#stream");
      await browser.until(() => Number(document.querySelector("#count-echoed").textContent) >= 5);
      await browser.choose("#pause", "3000");
      await browser.click("#restart");
      await browser.untilRow("#stream-log", "waiting");
      const before = await number("accepted");
      await browser.until(() => document.querySelector("#count-connections").textContent === "2");
      assert.ok((await number("accepted")) > before + 5, "it accepted while the server was gone");
      await browser.until(() => {
        const count = (id) => Number(document.querySelector(`#count-${id}`).textContent);
        return count("echoed") > 20 && count("underway") <= 1;
      });
      const { unknown, twice } = await browser.evaluate(() => {
        const count = (id) => Number(document.querySelector(`#count-${id}`).textContent);
        return { unknown: count("unknown"), twice: count("twice") };
      });
      assert.equal(twice, 0);
      // What is not unknown has come back: no more than one was underway.
      assert.ok(unknown <= 1, `${unknown} are unknown`);
      await browser.untilText("#stream-state", "Connected.");
      await browser.click("#stream");
      await browser.untilText("#stream-state", "Stopped.");
    });

    test("remembers the chosen colours", async () => {
      const ground = () => browser.evaluate(() => getComputedStyle(document.body).backgroundColor);
      const light = await ground();
      await browser.choose("#theme", "dark");
      const dark = await ground();
      assert.notEqual(dark, light);
      await browser.open();
      assert.equal(await ground(), dark);
      await browser.choose("#theme", "");
      assert.equal(await ground(), light);
    });

    for (const width of [360, 768, 1440]) {
      test(`fits into ${width} px`, async () => {
        await browser.resize(width, 800);
        await connect();
        await browser.fill("#text", "w".repeat(500));
        await browser.click("#text-form .primary");
        await browser.untilRow("#log", "textMessageReceived");
        const { wide, broad } = await browser.evaluate(() => ({
          wide: document.documentElement.scrollWidth - innerWidth,
          broad: [...document.querySelectorAll("main *")]
            .filter((element) => element.getBoundingClientRect().right > innerWidth + 1)
            .filter((element) => !element.closest(".scroll, [role=tabpanel], .unseen"))
            .map((element) => element.outerHTML.slice(0, 80)),
        }));
        assert.ok(wide <= 0, `${wide} px too wide`);
        assert.deepEqual(broad, []);
      });
    }
  });
}
