//! Puts the package together: the shell of `npm/` and wasm-pack's glue become one module, and the
//! manifest gets what wasm-pack read in `Cargo.toml`.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde_json::{Map, Value};

use crate::process;
use crate::project::{CRATE, Project};

/// What goes into the package as it is: the file, below the project, and its name there.
const FILES: &[(&str, &str)] = &[
    ("npm/README.md", "README.md"),
    ("npm/index.cjs", "index.cjs"),
    ("npm/index.d.ts", "index.d.ts"),
    // Each module system has its types from a file of its own.
    ("npm/index.d.ts", "index.d.cts"),
    ("npm/wasm.d.ts", "wasm.d.ts"),
    ("npm/wasm.d.ts", "wasm.d.cts"),
    ("CHANGELOG.md", "CHANGELOG.md"),
    ("LICENSE-APACHE", "LICENSE-APACHE"),
    ("LICENSE-MIT", "LICENSE-MIT"),
];

/// What wasm-pack's manifest knows and ours does not say.
const FROM_CARGO: &[&str] = &["version", "description", "license", "keywords"];

/// The oldest JavaScript that is left as it is; older than every engine with `WebAssembly` in
/// modules that `engines` names.
const LANGUAGE: &str = "es2022";

/// Makes the package `name` out of what wasm-pack left in `core`, and returns its directory.
pub fn assemble(project: &Project, core: &Path, name: String) -> Result<PathBuf> {
    let dir = project.own.join("package");
    if dir.exists() {
        fs::remove_dir_all(&dir)?;
    }
    fs::create_dir_all(&dir)?;
    for (file, packed) in FILES {
        copy(&project.root.join(file), &dir.join(packed))?;
    }
    let wasm = format!("{CRATE}_bg.wasm");
    copy(&core.join(&wasm), &dir.join(&wasm))?;
    bundle(project, core, &dir)?;
    let manifest = manifest(&project.root.join("npm"), core, name)?;
    fs::write(
        dir.join("package.json"),
        format!("{}\n", serde_json::to_string_pretty(&manifest)?),
    )?;
    Ok(dir)
}

/// Packs the package's directory into `target`, as it would be published.
pub fn pack(project: &Project, dir: &Path, target: &Path) -> Result<PathBuf> {
    fs::create_dir_all(target)?;
    let mut npm = project.command("npm");
    npm.args(["pack", "--silent", "--ignore-scripts", "--pack-destination"]);
    let name = process::output(npm.arg(target).current_dir(dir))?;
    Ok(target.join(name))
}

/// Makes one module, with a source map that holds its sources. They lie beside it meanwhile, so that
/// the map names them alike wherever the project is.
fn bundle(project: &Project, core: &Path, dir: &Path) -> Result<()> {
    let sources = dir.join("src");
    copy_modules(&project.root.join("npm"), &sources)?;
    let glue = format!("{CRATE}_bg.js");
    copy(&core.join(&glue), &sources.join(&glue))?;
    let mut esbuild = project.command("esbuild");
    esbuild.args(["src/index.js", "--outfile=index.js", "--log-level=warning"]);
    esbuild.args(["--bundle", "--format=esm", "--minify", "--sourcemap"]);
    esbuild.arg(format!("--target={LANGUAGE}"));
    esbuild.arg(format!("--alias:{CRATE}=./src/{glue}"));
    process::run(esbuild.current_dir(dir))?;
    Ok(fs::remove_dir_all(sources)?)
}

/// Copies all JavaScript modules below a directory.
fn copy_modules(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let path = entry?.path();
        let target = to.join(path.file_name().unwrap_or_default());
        if path.is_dir() {
            copy_modules(&path, &target)?;
        } else if path.extension().is_some_and(|extension| extension == "js") {
            copy(&path, &target)?;
        }
    }
    Ok(())
}

fn manifest(npm: &Path, core: &Path, name: String) -> Result<Map<String, Value>> {
    let mut made = read_manifest(core)?;
    let mut manifest = Map::new();
    manifest.insert("name".to_owned(), name.into());
    for field in FROM_CARGO {
        let value = made
            .remove(*field)
            .with_context(|| format!("wasm-pack found no `{field}` in Cargo.toml"))?;
        manifest.insert((*field).to_owned(), value);
    }
    manifest.extend(read_manifest(npm)?);
    Ok(manifest)
}

fn read_manifest(dir: &Path) -> Result<Map<String, Value>> {
    let file = dir.join("package.json");
    let text =
        fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))?;
    serde_json::from_str(&text).with_context(|| format!("in {}", file.display()))
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::copy(from, to).with_context(|| format!("cannot copy {}", from.display()))?;
    Ok(())
}
