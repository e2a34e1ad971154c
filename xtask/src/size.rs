//! `size`: what a page has to load.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use flate2::Compression;
use flate2::write::GzEncoder;

use crate::project::{CRATE, Project};
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
    limit: 18.5,
};
const FOR_PACKAGE: Bound = Bound {
    goal: 25.0,
    limit: 29.7,
};

/// What a page loads: optimized by wasm-opt, minified by esbuild.
struct Module {
    wasm: PathBuf,
    script: PathBuf,
}

/// Prints the size of the smallest useful Rust program, then that of the npm package: wasm and
/// JavaScript, each gzipped. Returns whether both are within their limits.
pub fn run(project: &Project) -> Result<bool> {
    setup::install_missing(project, setup::FOR_PACK)?;
    let program = program(project)?;
    let package = package(project)?;
    let program = program.is_within(&FOR_PROGRAM, "the smallest Rust program")?;
    let package = package.is_within(&FOR_PACKAGE, "the npm package")?;
    Ok(program && package)
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

fn package(project: &Project) -> Result<Module> {
    let dir = pack::package(project)?;
    Ok(Module {
        wasm: dir.join(format!("{CRATE}_bg.wasm")),
        script: dir.join("index.js"),
    })
}

impl Module {
    fn is_within(&self, bound: &Bound, name: &str) -> Result<bool> {
        let (wasm, script) = (zipped_kib(&self.wasm)?, zipped_kib(&self.script)?);
        let sum = wasm + script;
        let Bound { goal, limit } = bound;
        let met = if sum <= *goal { "met" } else { "NOT MET" };
        println!(
            "{name}: {sum:.2} KiB (wasm {wasm:.2}, JavaScript {script:.2}); \
             goal {goal}: {met}; limit {limit}"
        );
        Ok(sum <= *limit)
    }
}

fn zipped_kib(file: &Path) -> Result<f64> {
    let bytes = fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(&bytes)?;
    Ok(encoder.finish()?.len() as f64 / 1024.0)
}
