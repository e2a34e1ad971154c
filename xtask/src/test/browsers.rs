//! The browser steps: the same tests in windows and in workers, in Chromium and, beside it, in
//! Firefox.

use super::steps::Step;
use crate::project::Project;
use crate::wasm_toolchain::WasmToolchain;

/// The step's name, wasm-pack's option for the browser, and what wasm-bindgen's test runner calls
/// the place for the tests.
const RUNS: &[(&str, &str, &str)] = &[
    ("chromium-window", CHROMIUM, "BROWSER"),
    ("firefox-window", FIREFOX, "BROWSER"),
    ("chromium-worker", CHROMIUM, "DEDICATED_WORKER"),
    ("firefox-worker", FIREFOX, "DEDICATED_WORKER"),
    ("chromium-service-worker", CHROMIUM, "SERVICE_WORKER"),
];

const CHROMIUM: &str = "--chrome";
const FIREFOX: &str = "--firefox";

/// All tests of one binary together get this long, in seconds.
const LIMIT: &str = "300";

pub fn steps(project: &Project, wasm: &WasmToolchain) -> Vec<Step> {
    let step = |(name, browser, place): &(&str, &str, &str)| {
        let mut wasm_pack = wasm.command(project, "wasm-pack");
        wasm_pack.args(["test", "--mode", "no-install", "--headless", browser]);
        // Not the doc tests: the runner finds nothing in them to run, and calls that passed.
        wasm_pack.args(["--lib", "--test", "*", "--features", "serde"]);
        wasm_pack.env(format!("WASM_BINDGEN_USE_{place}"), "1");
        wasm_pack.env("WASM_BINDGEN_TEST_TIMEOUT", LIMIT);
        let step = Step::tests(*name, wasm_pack);
        match *browser {
            FIREFOX => step.beside(),
            _ => step,
        }
    };
    RUNS.iter().map(step).collect()
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    /// A test binary that configures its own place would stay in it in every step above.
    #[test]
    fn no_test_configures_its_place() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        for dir in ["src", "tests"] {
            each_file(&root.join(dir), &|path| {
                let text = fs::read_to_string(path).unwrap_or_default();
                assert!(
                    !text.contains("wasm_bindgen_test_configure!"),
                    "{}",
                    path.display()
                );
            });
        }
    }

    fn each_file(dir: &Path, look: &dyn Fn(&Path)) {
        for entry in fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                each_file(&path, look)
            } else {
                look(&path)
            }
        }
    }
}
