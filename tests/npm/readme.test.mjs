// The examples of the package's README, each where it is said to run. The comment behind a statement
// is what it shows. The examples connect to a host that does not exist; here it is ours.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { after, before, test } from "node:test";

import { launch, linesOf } from "./lib/chromium.mjs";
import { EchoServer } from "./lib/echo_server.mjs";
import { scratch } from "./lib/project.mjs";
import { serve } from "./lib/site.mjs";
import { bun, command, deno, newerNode, node, require, run } from "./lib/tools.mjs";

const { build } = require("esbuild");
const { compileScript, parse } = require("vue/compiler-sfc");

const readme = readFileSync(path.join(import.meta.dirname, "../../npm/README.md"), "utf8");
const PARTS = /^#+ (?<heading>.*)$|^```(?<language>\w+)\n(?<text>[^]*?)^```$/gm;
const TYPESCRIPT = "--noEmit --ignoreConfig --strict --module nodenext --lib esnext,dom".split(" ");

let server, browser, dir, site;
before(async () => {
  [server, browser, dir] = await Promise.all([EchoServer.start(), launch(), scratch("readme")]);
  site = await serve(dir);
});
after(async () => {
  server.stop();
  site.stop();
  await browser.close();
});

const commands = [];
let heading, number;
for (const { groups: part } of readme.matchAll(PARTS)) {
  if (part.heading) {
    heading = part.heading;
    number = 0;
  } else if (part.language === "sh") {
    commands.push(part.text.trim());
  } else {
    number++;
    test(`${heading}, example ${number}`, () => shows(part));
  }
}

test("installing is what the tests do", () => {
  assert.deepEqual(
    commands.map((line) => line.split(" ", 2).join(" ")),
    ["npm install"],
  );
});

test("what a runtime can do is what it says", async () => {
  const rows = readme.matchAll(/^\| ((?:`[A-Z_]+`(?:, )?)+) \|(.*)\|$/gm);
  const table = Array.from(rows, ([, names, cells]) => {
    const features = names.replaceAll("`", "").split(", ");
    return { features, cells: cells.split("|").map((cell) => cell.trim()) };
  });
  assert.equal(table.length, 3);
  await write("features.mjs", 'import { features } from "qwebsocket"; console.log(features.join());');
  await write(
    "ws.mjs",
    `import { QWebSocket } from "qwebsocket"; import { WebSocket } from "ws";
    console.log(new QWebSocket({ webSocket: WebSocket }).features.join());`,
  );
  const COLUMNS = {
    1: [newerNode, ["features.mjs"]],
    2: [node, ["ws.mjs"]],
    3: [deno, ["run", "--allow-read", "--no-prompt", "features.mjs"]],
    4: [bun, ["features.mjs"]],
  };
  for (const [column, [program, arguments_]] of Object.entries(COLUMNS)) {
    const told = await run(program, arguments_, { cwd: dir });
    const said = table.filter(({ cells }) => cells[column] === "yes");
    const expected = said.flatMap(({ features }) => features);
    assert.deepEqual(told.trim().split(",").sort(), expected.sort(), program);
  }
});

async function shows({ language, text }) {
  const expected = Array.from(text.matchAll(/; \/\/ (.*)$/gm), ([, shown]) => shown);
  assert(expected.length > 0);
  const program = text.replaceAll("wss://echo.example", server.url);
  const lines = await runnerOf(language, text)(program, expected.length);
  // When listeners are called is not told by their place in the text.
  assert.deepEqual(lines.sort(), expected.sort());
}

function runnerOf(language, text) {
  if (language === "html") {
    return inPage;
  }
  if (language === "tsx" || language === "vue") {
    return language === "tsx" ? inReact : inVue;
  }
  if (text.includes('"ws"')) {
    return (program) => inNode(node, "example.mjs", program);
  }
  if (language === "ts") {
    return typed;
  }
  const file = text.includes("require(") ? "example.cjs" : "example.mjs";
  return (program) => inNode(newerNode, file, program);
}

async function inNode(node, file, program) {
  await write(file, program);
  return (await run(node, [file], { cwd: dir })).trim().split("\n");
}

async function typed(program) {
  await write("example.ts", program);
  await run(command("tsc"), [...TYPESCRIPT, "example.ts"], { cwd: dir });
  return inNode(newerNode, "example.ts", program);
}

async function inPage(program, count) {
  await write("example.html", program);
  return linesOf(browser, `${site.url}/example.html`, count);
}

async function inReact(program, count) {
  await write("example.tsx", program);
  return bundled("example.tsx", count);
}

async function inVue(program, count) {
  const { descriptor } = parse(program);
  const { content } = compileScript(descriptor, { id: "example", inlineTemplate: true });
  await write("component.js", content);
  const main = `import { createApp } from "vue";
    import Component from "./component.js";
    createApp(Component).mount("#root");`;
  await write("component.main.js", main);
  return bundled("component.main.js", count);
}

async function bundled(file, count) {
  await build({
    entryPoints: [path.join(dir, file)],
    outfile: path.join(dir, "bundled.js"),
    bundle: true,
    format: "esm",
    jsx: "automatic",
    define: {
      "process.env.NODE_ENV": '"production"',
      __VUE_OPTIONS_API__: "false",
      __VUE_PROD_DEVTOOLS__: "false",
      __VUE_PROD_HYDRATION_MISMATCH_DETAILS__: "false",
    },
  });
  const page = '<!doctype html><div id="root"></div><script type="module" src="bundled.js"></script>';
  return inPage(page, count);
}

function write(file, text) {
  return writeFile(path.join(dir, file), text);
}
