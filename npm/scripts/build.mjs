// Builds the package: `node scripts/build.mjs`, out of the core in QWEBSOCKET_CORE and
// QWEBSOCKET_CORE_FULL (what wasm-pack has left there) and in QWEBSOCKET_CORE_RAW (what cargo has),
// into QWEBSOCKET_PACKAGE.

import { execFileSync } from "node:child_process";
import { cp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";

import { build } from "esbuild";

import { generate } from "./core.mjs";
import { javascript } from "./javascript.mjs";

const npm = path.join(import.meta.dirname, "..");
const project = path.join(npm, "..");
const { QWEBSOCKET_CORE: lean, QWEBSOCKET_CORE_FULL: full, QWEBSOCKET_CORE_RAW: raw } = process.env;
const out = process.env.QWEBSOCKET_PACKAGE ?? path.join(npm, "dist");

if (!lean || !full || !raw) {
  // It builds the core and comes back here.
  execFileSync("cargo", ["xtask", "pack"], { cwd: project, stdio: "inherit" });
  process.exit();
}

/** The oldest JavaScript that is left as it is. */
const LANGUAGE = "es2022";
/** They share the classes, and the core. */
const ENTRIES = ["index", "reconnecting"];
/** Each on its own, over what those export; nothing of it is in them. */
const ADDITIONS = ["typed", "websocket", "testing", "react", "vue"];
/** By itself, over a core without WebAssembly. */
const JAVASCRIPT = "js";

/** Frameworks that render on a server are told by these what is for the page. */
const DIRECTIVES = { react: '"use client";' };

const WASM_TYPES = `/** The core as a host or a bundler gives it; \`init\` takes it where it is a compiled module. */
declare const wasm: any;
export default wasm;
`;

const COMMON = {
  absWorkingDir: npm,
  outdir: out,
  bundle: true,
  minify: true,
  charset: "utf8",
  target: LANGUAGE,
  sourcemap: true,
  logLevel: "warning",
};

await rm(out, { recursive: true, force: true });
await mkdir(out, { recursive: true });
const [leanWasm, fullWasm] = await Promise.all([generate("lean", lean), generate("full", full)]);
await javascript(raw, path.join(path.dirname(full), "core-javascript"));
await modules();
await commonJs();
await additions();
await withoutWasm();
await types();
await files();
await manifest();

/** One module for each entry, and what both have in common in a third. */
function modules() {
  return build({
    ...COMMON,
    entryPoints: ENTRIES.map((name) => `src/${name}.ts`),
    format: "esm",
    splitting: true,
    chunkNames: "shared",
  });
}

/**
 * CommonJS has the one copy that Node has: what its `import` gets only names what that exports. Both
 * entries are in it, so that there is one class.
 */
async function commonJs() {
  const contents = ENTRIES.map((name) => `export * as ${name} from "./src/${name}.js";`).join("\n");
  await build({
    ...COMMON,
    stdin: { contents, resolveDir: npm, loader: "ts" },
    outdir: undefined,
    outfile: path.join(out, "node", "all.cjs"),
    format: "cjs",
    platform: "node",
  });
  for (const name of ENTRIES) {
    const file = path.join(out, "node", `${name}.cjs`);
    await writeFile(file, `module.exports = require("./all.cjs").${name};\n`);
    await wrap(name);
  }
}

/** What Node's `import` gets: the names of what its `require` gets. */
async function wrap(name) {
  const names = await exportsOf(path.join(out, `${name}.js`));
  const head = name in DIRECTIVES ? `${DIRECTIVES[name]}\n` : "";
  const wrapped = `${head}import all from "./${name}.cjs";\nexport const { ${names.join(", ")} } = all;\n`;
  await writeFile(path.join(out, "node", `${name}.mjs`), wrapped);
}

async function additions() {
  for (const name of ADDITIONS) {
    const common = {
      ...COMMON,
      entryPoints: [`src/${name}.ts`],
      packages: "external",
      banner: { js: DIRECTIVES[name] ?? "" },
    };
    await build({ ...common, format: "esm", plugins: [over("js")] });
    const node = { outdir: path.join(out, "node"), outExtension: { ".js": ".cjs" } };
    await build({ ...common, ...node, format: "cjs", platform: "node", plugins: [over("cjs")] });
    await wrap(name);
  }
}

/** The same sources as `reconnecting`, but for the core and for WebAssembly. */
async function withoutWasm() {
  const generated = path.join(npm, "src/core/generated/javascript.js");
  const instead = {
    name: "instead",
    setup: ({ onResolve }) =>
      onResolve({ filter: /^\.\/generated\/full\.js$/ }, () => ({ path: generated })),
  };
  const common = {
    ...COMMON,
    entryPoints: [`src/${JAVASCRIPT}.ts`],
    inject: ["src/core/webassembly.ts"],
    plugins: [instead],
    // It would be larger than the rest of the package.
    sourcemap: false,
  };
  await build({ ...common, format: "esm" });
  const node = { outdir: path.join(out, "node"), outExtension: { ".js": ".cjs" } };
  await build({ ...common, ...node, format: "cjs", platform: "node" });
  await wrap(JAVASCRIPT);
}

/** What an addition takes from the entries it imports, since there is one class. */
function over(extension) {
  const filter = new RegExp(`/(${ENTRIES.join("|")})\\.js$`);
  return {
    name: "over",
    setup: ({ onResolve }) =>
      onResolve({ filter }, ({ path: imported, resolveDir }) => {
        const { dir, name } = path.parse(path.join(resolveDir, imported));
        return dir === path.join(npm, "src")
          ? { path: `./${name}.${extension}`, external: true }
          : undefined;
      }),
  };
}

async function exportsOf(file) {
  const result = await build({
    entryPoints: [file],
    bundle: true,
    packages: "external",
    format: "esm",
    metafile: true,
    write: false,
    outdir: out,
    logLevel: "warning",
  });
  const [{ exports }] = Object.values(result.metafile.outputs);
  return exports.sort();
}

/** Declarations out of the sources, once for each kind of module; those that the entries need. */
async function types() {
  const all = path.join(out, "all-types");
  const flags = ["--emitDeclarationOnly", "--outDir", all];
  execFileSync(path.join(npm, "node_modules/.bin/tsc"), flags, { cwd: npm, stdio: "inherit" });
  const needed = [...ENTRIES, ...ADDITIONS, JAVASCRIPT].map((name) => `${name}.js`);
  for (const module of needed) {
    const text = await readFile(path.join(all, module.replace(/js$/, "d.ts")), "utf8");
    for (const [, imported] of text.matchAll(/(?:from |import\()"(\..*?)"/g)) {
      const found = path.join(path.dirname(module), imported);
      if (!needed.includes(found)) {
        needed.push(found);
      }
    }
    const file = path.join(out, "types", module.replace(/js$/, ""));
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(`${file}d.ts`, text);
    const common = text.replaceAll(/(from |import\()"(\..*?)\.js"/g, '$1"$2.cjs"');
    await writeFile(`${file}d.cts`, common);
  }
  await rm(all, { recursive: true });
}

async function files() {
  await writeFile(path.join(out, "core.wasm"), leanWasm);
  await writeFile(path.join(out, "reconnecting.wasm"), fullWasm);
  for (const name of ["CHANGELOG.md", "README.md"]) {
    await cp(path.join(npm, name), path.join(out, name));
  }
  for (const name of ["LICENSE-APACHE", "LICENSE-MIT"]) {
    await cp(path.join(project, name), path.join(out, name));
  }
  await writeFile(path.join(out, "wasm.d.ts"), WASM_TYPES);
  await writeFile(path.join(out, "wasm.d.cts"), WASM_TYPES);
}

/** What wasm-pack has read in Cargo.toml, and what ours says; without what is for building only. */
async function manifest() {
  const read = async (file) => JSON.parse(await readFile(file, "utf8"));
  const [ours, core] = await Promise.all([
    read(path.join(npm, "package.json")),
    read(path.join(lean, "package.json")),
  ]);
  const { version, description, license, keywords, homepage } = core;
  const { type, sideEffects, engines, peerDependencies, peerDependenciesMeta } = ours;
  const name = process.env.QWEBSOCKET_NAME ?? ours.name;
  const made = { name, version, description, license, keywords, type, sideEffects, engines };
  const { url } = core.repository;
  Object.assign(made, {
    homepage,
    repository: { type: "git", url: `git+${url}.git` },
    bugs: `${url}/issues`,
    exports: exportMap(),
    main: "./node/index.cjs",
    types: "./types/index.d.cts",
    peerDependencies,
    peerDependenciesMeta,
  });
  await writeFile(path.join(out, "package.json"), `${JSON.stringify(made, null, 2)}\n`);
}

function exportMap() {
  const entry = (name) => ({
    // Bundlers have one copy, too, for servers as well: Vite can run no CommonJS that it has inlined.
    module: { types: `./types/${name}.d.ts`, default: `./${name}.js` },
    // Where both kinds of modules may meet, one copy serves both.
    node: {
      import: { types: `./types/${name}.d.ts`, default: `./node/${name}.mjs` },
      require: { types: `./types/${name}.d.cts`, default: `./node/${name}.cjs` },
    },
    require: { types: `./types/${name}.d.cts`, default: `./node/${name}.cjs` },
    default: { types: `./types/${name}.d.ts`, default: `./${name}.js` },
  });
  const wasm = (name) => ({
    types: { require: "./wasm.d.cts", default: "./wasm.d.ts" },
    default: `./${name}.wasm`,
  });
  return {
    ".": entry("index"),
    "./reconnecting": entry("reconnecting"),
    ...Object.fromEntries([...ADDITIONS, JAVASCRIPT].map((name) => [`./${name}`, entry(name)])),
    "./core.wasm": wasm("core"),
    "./reconnecting.wasm": wasm("reconnecting"),
    "./package.json": "./package.json",
  };
}
