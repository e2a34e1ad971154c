//! `size`: what a page has to load.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use flate2::Compression;
use flate2::write::GzEncoder;

use crate::project::Project;
use crate::{pack, process, setup, web_example};

/// The example that opens, sends, receives and closes.
const PROGRAM: &str = "smallest";

/// What a page should have to load at most, and what it may not exceed before that is reached, in
/// KiB.
struct Bound {
    goal: f64,
    limit: f64,
}

const FOR_PROGRAM: Bound = Bound {
    goal: 15.0,
    limit: 18.3,
};
/// What a page imports of the npm package, from which entry, and its bound.
const IMPORTS: [(&str, &str, Bound); 2] = [
    (
        "QWebSocket",
        "index.js",
        Bound {
            goal: 22.0,
            limit: 30.5,
        },
    ),
    (
        "QWebSocket, reconnecting",
        "reconnecting.js",
        Bound {
            goal: 30.0,
            limit: 42.5,
        },
    ),
];

/// What a page loads: optimized by wasm-opt, minified by esbuild.
struct Module {
    wasm: PathBuf,
    script: PathBuf,
}

/// Prints the size of the smallest useful Rust program, then what a page loads of the npm package in
/// one request, the core embedded. Returns whether all are within their limits.
pub fn run(project: &Project) -> Result<bool> {
    setup::install_missing(project, setup::FOR_PACK)?;
    let mut is_within = program(project)?.is_within(&FOR_PROGRAM, "the smallest Rust program")?;
    let package = pack::package(project)?;
    for (names, entry, bound) in IMPORTS {
        let script = bundle(project, names, &package.join(entry))?;
        let size = zipped_kib(&script)?;
        is_within &= bound.holds(&format!("the npm package, {names}"), size, "");
    }
    Ok(is_within)
}

/// What a bundler makes of a page that imports these names.
fn bundle(project: &Project, names: &str, entry: &Path) -> Result<PathBuf> {
    let dir = project.own.join("size");
    fs::create_dir_all(&dir)?;
    let page = dir.join("page.js");
    let uses = format!(
        "import {{ {names} }} from {:?};\nglobalThis.used = [{names}];\n",
        entry.display().to_string()
    );
    fs::write(&page, uses)?;
    let bundle = dir.join("page.min.js");
    let mut esbuild = project.command("esbuild");
    esbuild.args(["--bundle", "--minify", "--format=esm", "--charset=utf8"]);
    esbuild.arg("--log-level=warning");
    esbuild.arg(format!("--outfile={}", bundle.display()));
    process::run(esbuild.arg(page))?;
    Ok(bundle)
}

fn program(project: &Project) -> Result<Module> {
    let dir = project.own.join("size");
    let wasm = web_example::build(project, PROGRAM, "wasm-release", &dir)?;
    pack::optimize(project, &wasm)?;
    let script = dir.join(format!("{PROGRAM}.js"));
    let minified = dir.join(format!("{PROGRAM}.min.js"));
    let mut esbuild = project.command("esbuild");
    esbuild.args(["--minify", "--format=esm", "--log-level=warning"]);
    esbuild.arg(format!("--outfile={}", minified.display()));
    process::run(esbuild.arg(script))?;
    Ok(Module {
        wasm,
        script: minified,
    })
}

impl Module {
    fn is_within(&self, bound: &Bound, name: &str) -> Result<bool> {
        let (wasm, script) = (zipped_kib(&self.wasm)?, zipped_kib(&self.script)?);
        let parts = format!(" (wasm {wasm:.2}, JavaScript {script:.2})");
        Ok(bound.holds(name, wasm + script, &parts))
    }
}

impl Bound {
    fn holds(&self, name: &str, size: f64, parts: &str) -> bool {
        let Bound { goal, limit } = self;
        let met = if size <= *goal { "met" } else { "NOT MET" };
        println!("{name}: {size:.2} KiB{parts}; goal {goal}: {met}; limit {limit}");
        size <= *limit
    }
}

fn zipped_kib(file: &Path) -> Result<f64> {
    let bytes = fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(&bytes)?;
    Ok(encoder.finish()?.len() as f64 / 1024.0)
}
