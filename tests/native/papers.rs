//! What the papers and the workflows name is there.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use yaml_rust2::{Yaml, YamlLoader};

use crate::common::root;

const PAPERS: [&str; 10] = [
    "README.md",
    "CONTRIBUTING.md",
    "RELEASING.md",
    "SECURITY.md",
    "docs/ARCHITECTURE.md",
    "docs/debugging.md",
    "docs/decisions.md",
    "docs/tls.md",
    "examples/README.md",
    ".github/pull_request_template.md",
];

fn read(path: impl AsRef<Path>) -> String {
    let path = root().join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The YAML files below `.github`.
fn yaml_files() -> Vec<PathBuf> {
    let mut waiting = vec![root().join(".github")];
    let mut files = Vec::new();
    while let Some(path) = waiting.pop() {
        if path.is_dir() {
            let entries = fs::read_dir(&path).unwrap();
            waiting.extend(entries.map(|entry| entry.unwrap().path()));
        } else if path.extension().is_some_and(|extension| extension == "yml") {
            files.push(path);
        }
    }
    assert!(files.len() > 5, "{files:?}");
    files
}

fn parsed(text: &str) -> Result<Yaml, String> {
    let mut documents = YamlLoader::load_from_str(text).map_err(|error| error.to_string())?;
    match documents.len() {
        1 => Ok(documents.remove(0)),
        other => Err(format!("{other} documents")),
    }
}

/// The steps of a workflow, or what is wrong with it.
fn steps(workflow: &Yaml) -> Result<Vec<&Yaml>, String> {
    if workflow["on"].is_badvalue() {
        return Err("nothing starts it".into());
    }
    let jobs = workflow["jobs"].as_hash().ok_or("it has no jobs")?;
    let mut all = Vec::new();
    for (name, job) in jobs {
        if job["runs-on"].as_str().is_none() {
            return Err(format!("{name:?} runs nowhere"));
        }
        let steps = job["steps"].as_vec().ok_or("a job has no steps")?;
        for step in steps {
            let does = ["uses", "run"].map(|key| step[key].as_str().is_some());
            if does[0] == does[1] {
                return Err(format!("a step of {name:?} does not one thing: {step:?}"));
            }
        }
        all.extend(steps);
    }
    Ok(all)
}

/// The words behind each `command` in a text, up to the end of the line or of the code.
fn calls<'a>(text: &'a str, command: &'a str) -> impl Iterator<Item = Vec<&'a str>> {
    text.match_indices(command).map(move |(at, _)| {
        let rest = &text[at + command.len()..];
        let rest = rest.split(['\n', '`', ';', '"']).next().unwrap_or(rest);
        // A list has what it is about behind it.
        let words = rest.split("  ").next().unwrap_or(rest).split_whitespace();
        words.map(|word| word.trim_end_matches(',')).collect()
    })
}

/// What a text says of commands of this project that there are not.
fn unknown_commands(text: &str) -> Vec<String> {
    let xtask = read("xtask/src/main.rs");
    let steps = read("xtask/src/test/steps.rs") + &read("xtask/src/test/browsers.rs");
    let mut unknown = Vec::new();
    for words in calls(text, "cargo xtask ") {
        // A placeholder stands for any command.
        let command = words.first().filter(|word| !word.starts_with('<'));
        if let Some(command) = command
            && !xtask.contains(&format!("\"{command}\" "))
        {
            unknown.push(format!("cargo xtask {command}"));
        }
        for pair in words.windows(2) {
            if let ["--only", step] = pair
                && *step != "STEP"
                && !steps.contains(&format!("\"{step}\""))
            {
                unknown.push(format!("the step {step}"));
            }
        }
        if let ["fuzz", target, ..] = words[..]
            && target.starts_with(|c: char| c.is_ascii_lowercase())
            && !root()
                .join(format!("fuzz/fuzz_targets/{target}.rs"))
                .exists()
        {
            unknown.push(format!("the target {target}"));
        }
    }
    for words in calls(text, "cargo ") {
        for pair in words.windows(2) {
            let manifests = || {
                [
                    "tests",
                    "tests/support",
                    "tests/runtimes",
                    "tests/frameworks",
                    "tests/machines",
                    "tests/programs",
                    "xtask",
                ]
            };
            match pair {
                ["--test", name]
                    if !read("tests/Cargo.toml").contains(&format!("name = \"{name}\"")) =>
                {
                    unknown.push(format!("the test {name}"));
                }
                ["--package", name] => {
                    let wanted = format!("name = \"{name}\"");
                    let mut all = manifests()
                        .map(|dir| read(format!("{dir}/Cargo.toml")))
                        .into_iter();
                    let is_there =
                        read("Cargo.toml").contains(&wanted) || all.any(|m| m.contains(&wanted));
                    if !is_there {
                        unknown.push(format!("the package {name}"));
                    }
                }
                _ => {}
            }
        }
    }
    unknown
}

#[test]
fn the_workflows_parse_and_name_commands_that_exist() {
    let mut runs_everything = false;
    for file in yaml_files() {
        let text = fs::read_to_string(&file).unwrap();
        let yaml = parsed(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        assert_eq!(unknown_commands(&text), [""; 0], "{}", file.display());
        if !file.parent().unwrap().ends_with("workflows") {
            continue;
        }
        let steps = steps(&yaml).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        runs_everything |= steps
            .iter()
            .any(|step| step["run"].as_str() == Some(".ci/run"));
    }
    assert!(runs_everything, "a workflow runs .ci/run");
    assert!(root().join(".ci/run").exists());
}

/// Each place that dependencies come from is looked after.
#[test]
fn dependabot_knows_each_manifest() {
    let yaml = parsed(&read(".github/dependabot.yml")).unwrap();
    for (ecosystem, manifest) in [("cargo", "Cargo.toml"), ("npm", "package.json")] {
        let updates = yaml["updates"].as_vec().unwrap().iter();
        let mut updates =
            updates.filter(|update| update["package-ecosystem"].as_str() == Some(ecosystem));
        let directories = updates.next().unwrap()["directories"].as_vec().unwrap();
        for directory in directories {
            let directory = directory.as_str().unwrap().trim_start_matches('/');
            let manifest = root().join(directory).join(manifest);
            assert!(manifest.exists(), "{}", manifest.display());
        }
    }
}

#[test]
fn the_papers_name_commands_and_files_that_exist() {
    for paper in PAPERS {
        let text = read(paper);
        assert_eq!(unknown_commands(&text), [""; 0], "{paper}");
        let here = root().join(paper);
        for link in text.split("](").skip(1) {
            let link = link.split(')').next().unwrap();
            let path = link.split('#').next().unwrap();
            if path.is_empty() || link.contains("://") {
                continue;
            }
            assert!(here.with_file_name(path).exists(), "{paper}: {link}");
        }
    }
}

/// A manifest's features, each with what it enables.
fn features(manifest: &str) -> Vec<(String, String)> {
    let text = read(manifest);
    let (_, features) = text.split_once("[features]\n").expect("it has features");
    let (features, _) = features.split_once("\n[").expect("a table follows");
    let lines = features.lines().filter(|line| !line.starts_with('#'));
    let joined = lines.map(str::trim).collect::<String>();
    let entries = joined.split_inclusive(']');
    let pairs = entries.filter_map(|entry| entry.split_once(" = "));
    pairs.map(|(name, all)| (name.into(), all.into())).collect()
}

/// A step that tests a feature would else test without it.
#[test]
fn the_tests_have_the_features_of_the_crate() {
    let own = features("tests/Cargo.toml");
    let of_crate = features("Cargo.toml");
    let is_public = |name: &str| !name.starts_with("__");
    for (name, all) in of_crate.iter().filter(|(name, _)| is_public(name)) {
        let (_, forwarded) = own.iter().find(|(own, _)| own == name).expect(name);
        match &**name {
            "default" => assert_eq!(forwarded, all),
            _ => assert!(
                forwarded.contains(&format!("\"qwebsocket/{name}\"")),
                "{name}"
            ),
        }
    }
    assert!(own.len() > 10);
}

/// A warning is what `cargo publish` says of a target, a link or a licence that is left out.
#[test]
fn the_crate_is_packed_without_a_warning() {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.current_dir(root());
    cargo.args([
        "package",
        "--package",
        "qwebsocket",
        "--no-verify",
        "--allow-dirty",
    ]);
    cargo
        .args(["--offline", "--target-dir"])
        .arg(env!("CARGO_TARGET_TMPDIR"));
    let output = cargo.output().unwrap();
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(
        output.status.success() && !told.contains("warning"),
        "{told}"
    );
}

/// A stranger reads to the end.
#[test]
fn what_is_read_first_is_short() {
    assert!(read("README.md").lines().count() <= 150);
    assert!(read("CONTRIBUTING.md").lines().count() <= 100);
}

/// What finds nothing guards nothing.
#[test]
fn the_guards_find_what_they_look_for() {
    for text in [
        "`cargo xtask nonsense`",
        "cargo xtask test --only nonsense\n",
        "`cargo xtask fuzz nonsense`",
        "cargo test --test nonsense",
        "cargo test --package nonsense",
    ] {
        assert_eq!(unknown_commands(text).len(), 1, "{text}");
    }
    assert!(parsed("a: [b").is_err());
    for workflow in [
        "jobs: {}",
        "on: push\njobs: {a: {steps: []}}",
        "on: push\njobs: {a: {runs-on: b}}",
        "on: push\njobs: {a: {runs-on: b, steps: [{run: c, uses: d}]}}",
    ] {
        assert!(steps(&parsed(workflow).unwrap()).is_err(), "{workflow}");
    }
}
