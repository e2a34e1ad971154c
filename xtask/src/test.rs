//! `test`: every check and every test, in one command that fails when any of them does.
//!
//! Its last line is the sum of all tests of all runners: `N passed, N failed`.

mod browsers;
mod report;
mod server;
mod steps;

use anyhow::{Result, ensure};

use crate::project::Project;
use crate::setup;
use crate::wasm_toolchain::WasmToolchain;
use report::Report;
use steps::Step;

/// Runs all steps, or those named in `only`; returns whether all of them succeeded.
pub fn run(project: &Project, only: &[String]) -> Result<bool> {
    let mut report = Report::default();
    let toolchain = report.step("setup", |_| {
        setup::install_missing(project, setup::EVERYTHING)?;
        WasmToolchain::installed(project)
    });
    if let Some(toolchain) = toolchain {
        let steps = chosen(steps::all(project, &toolchain), only)?;
        let servers = steps
            .iter()
            .any(Step::has_tests)
            .then(|| report.step("test servers", |_| server::start(project)))
            .flatten();
        for step in steps {
            let name = step.name.clone();
            report.step(&name, |tally| step.run(servers.as_ref(), tally));
        }
    }
    let partial = (!only.is_empty()).then(|| only.join(", "));
    Ok(report.finish(partial.as_deref()))
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
