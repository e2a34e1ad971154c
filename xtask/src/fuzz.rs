//! `fuzz`: runs the targets of `fuzz/` for a while each, from the corpora that are committed there.
//!
//! What is found on the way stays in the target directory, so that the next run goes on from it; the
//! committed corpora stay as they are.

use std::fs;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, ensure};

use crate::process::{self, Running};
use crate::project::Project;
use crate::setup;

/// Apart from the time that it was given, a target reads its corpora.
const PATIENCE: Duration = Duration::from_secs(10 * 60);

/// No input takes longer than this, in seconds.
const INPUT_LIMIT: u32 = 10;

/// Runs all targets, or one; returns whether nothing was found.
pub fn run(project: &Project, target: Option<&str>, seconds: u32) -> Result<bool> {
    setup::install_missing(project, setup::FOR_FUZZ)?;
    let list = process::output(&mut cargo_fuzz(project, "list"))?;
    let targets: Vec<_> = list
        .lines()
        .filter(|name| target.is_none_or(|wanted| wanted == *name))
        .collect();
    ensure!(
        !targets.is_empty(),
        "no target `{}`, only {}",
        target.unwrap_or_default(),
        list.lines().collect::<Vec<_>>().join(", ")
    );
    for name in &targets {
        process::run(in_target(project, &mut cargo_fuzz(project, "build")).arg(name))?;
    }
    let mut outcome = Outcome::default();
    for name in &targets {
        fuzz(project, name, seconds, &mut outcome)
            .with_context(|| format!("cannot run the target {name}"))?;
    }
    println!(
        "fuzz: {} runs, {} findings ({}; {seconds} s each)",
        outcome.runs,
        outcome.findings,
        targets.join(", ")
    );
    Ok(outcome.findings == 0)
}

#[derive(Default)]
struct Outcome {
    runs: u64,
    findings: usize,
}

fn fuzz(project: &Project, name: &str, seconds: u32, outcome: &mut Outcome) -> Result<()> {
    let committed = project.root.join("fuzz/corpus").join(name);
    let corpus = project.own.join("fuzz/corpus").join(name);
    fs::create_dir_all(&corpus)?;
    let mut command = cargo_fuzz(project, "run");
    in_target(project, &mut command)
        .arg(name)
        .args([&corpus, &committed]);
    command.args(["--", "-print_final_stats=1"]);
    command.arg(format!("-max_total_time={seconds}"));
    command.arg(format!("-timeout={INPUT_LIMIT}"));
    let dictionary = project.root.join(format!("fuzz/dictionaries/{name}.dict"));
    if dictionary.exists() {
        command.arg(format!("-dict={}", dictionary.display()));
    }

    let (mut runs, mut artifact) = (None, None);
    let limit = Duration::from_secs(seconds.into()) + PATIENCE;
    let result = Running::piped_errors(&mut command)?.each_line(limit, |line| {
        if let Some(count) = line.strip_prefix("stat::number_of_executed_units:") {
            runs = count.trim().parse().ok();
        } else if let Some((_, path)) = line.split_once("Test unit written to ") {
            artifact = Some(path.to_owned());
        }
        if is_worth_showing(line) {
            println!("{line}");
        }
    });
    let runs: u64 = runs.unwrap_or_default();
    outcome.runs += runs;
    match (result, artifact) {
        (Ok(()), _) => println!("{name}: {runs} runs, no finding"),
        (Err(_), Some(artifact)) => {
            outcome.findings += 1;
            println!(
                "{name}: a finding; to replay it: cargo +{} fuzz run {name} {artifact}",
                setup::NIGHTLY
            );
        }
        (Err(error), None) => return Err(error),
    }
    Ok(())
}

/// Of the progress, only its last line.
fn is_worth_showing(line: &str) -> bool {
    let is_progress = line.starts_with('#');
    let is_hint = line.starts_with('"') || line.starts_with("stat::");
    !is_hint && (!is_progress || line.contains("DONE"))
}

fn cargo_fuzz(project: &Project, command: &str) -> Command {
    let mut cargo = project.command("cargo");
    // libFuzzer needs options of the compiler that are not stable.
    cargo.env("RUSTUP_TOOLCHAIN", setup::NIGHTLY);
    cargo.args(["fuzz", command]);
    cargo
}

/// What is built does not go into `fuzz/`.
fn in_target<'a>(project: &Project, command: &'a mut Command) -> &'a mut Command {
    command
        .arg("--target-dir")
        .arg(project.own.join("fuzz/target"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn progress_is_left_out_but_not_what_was_found() {
        assert!(!is_worth_showing("#2048\tNEW    cov: 12 ft: 13"));
        assert!(!is_worth_showing("stat::peak_rss_mb: 27"));
        assert!(is_worth_showing("#4096\tDONE   cov: 12 ft: 13"));
        assert!(is_worth_showing("==1== ERROR: libFuzzer: deadly signal"));
    }
}
