//! `test`: every check and every test, in one command that fails when any of them does.
//!
//! Its last line is the sum of all tests of all runners: `N passed, N failed`.

mod browsers;
mod report;
mod server;
mod steps;

use std::thread;

use anyhow::{Result, ensure};

use crate::project::Project;
use crate::setup;
use crate::wasm_toolchain::WasmToolchain;
use report::{Report, Tally};
use server::Servers;
use steps::Step;

/// Runs all steps, or those named in `only`; returns whether all of them succeeded.
pub fn run(project: &Project, only: &[String]) -> Result<bool> {
    let mut report = Report::default();
    let toolchain = report.step("setup", |_| {
        setup::install_missing(project, setup::EVERYTHING)?;
        WasmToolchain::installed(project)
    });
    if let Some(toolchain) = toolchain {
        let mut steps = chosen(steps::all(project, &toolchain), only)?;
        let servers = steps
            .iter()
            .any(Step::has_tests)
            .then(|| report.step("test servers", |_| server::start(project)))
            .flatten();
        for together in steps.chunk_by_mut(|_, next| next.is_beside()) {
            run_together(together, servers.as_ref(), &mut report);
        }
    }
    let partial = (!only.is_empty()).then(|| only.join(", "));
    Ok(report.finish(partial.as_deref()))
}

/// Shows the lines of the first step while it runs, and those of each step beside it when all before
/// have ended.
fn run_together(steps: &mut [Step], servers: Option<&Servers>, report: &mut Report) {
    let Some((first, beside)) = steps.split_first_mut() else {
        return;
    };
    let name = first.name.clone();
    thread::scope(|scope| {
        let beside = beside.iter_mut().map(|step| {
            let name = step.name.clone();
            let run = move || {
                let mut lines = Vec::new();
                let mut tally = Tally::default();
                let result = step.run(servers, &mut tally, |line| lines.push(line.to_owned()));
                (lines, tally, result)
            };
            (name, scope.spawn(run))
        });
        let beside: Vec<_> = beside.collect();
        report.step(&name, |tally| {
            first.run(servers, tally, |line| println!("{line}"))
        });
        for (name, run) in beside {
            report.step(&name, |sum| {
                let (lines, tally, result) = run.join().expect("a step does not panic");
                lines.iter().for_each(|line| println!("{line}"));
                *sum = tally;
                result
            });
        }
    });
}

fn chosen(mut steps: Vec<Step>, only: &[String]) -> Result<Vec<Step>> {
    let names: Vec<_> = steps.iter().map(|step| step.name.clone()).collect();
    for name in only {
        ensure!(
            names.contains(name),
            "no step `{name}`, only {}",
            names.join(", ")
        );
    }
    steps.retain(|step| only.is_empty() || only.contains(&step.name));
    Ok(steps)
}
