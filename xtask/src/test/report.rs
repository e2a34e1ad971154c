//! What the steps did: headlines while they run, a table and the sum of all tests at the end.

use std::time::{Duration, Instant};

use anyhow::Result;

/// Tests of any number of runners.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    pub passed: u64,
    pub failed: u64,
}

impl Tally {
    /// Adds what a line of a test runner's output reports; other lines report nothing.
    pub fn read(&mut self, line: &str) {
        if let Some((passed, failed)) = result_in(line) {
            self.passed += passed;
            self.failed += failed;
        }
    }

    pub fn is_empty(self) -> bool {
        self == Self::default()
    }
}

/// Reads `test result: ok. 3 passed; 1 failed; …`, as libtest and wasm-bindgen's runner write it.
fn result_in(line: &str) -> Option<(u64, u64)> {
    let (_, counts) = line
        .trim_start()
        .strip_prefix("test result: ")?
        .split_once(". ")?;
    let mut counts = counts.split("; ");
    let passed = counts.next()?.strip_suffix(" passed")?.parse().ok()?;
    let failed = counts.next()?.strip_suffix(" failed")?.parse().ok()?;
    Some((passed, failed))
}

struct Outcome {
    name: String,
    took: Duration,
    tally: Tally,
    succeeded: bool,
}

#[derive(Default)]
pub struct Report {
    outcomes: Vec<Outcome>,
}

impl Report {
    /// Runs one step under a headline. Its error is shown and remembered, not passed on: the
    /// steps behind it are still worth knowing.
    pub fn step<T>(&mut self, name: &str, run: impl FnOnce(&mut Tally) -> Result<T>) -> Option<T> {
        println!("\n==== {name}");
        let started = Instant::now();
        let mut tally = Tally::default();
        let result = run(&mut tally);
        let took = started.elapsed();
        match &result {
            Ok(_) => println!("==== {name}: ok, {:.1} s", took.as_secs_f64()),
            Err(error) => println!(
                "==== {name}: FAILED, {:.1} s: {error:#}",
                took.as_secs_f64()
            ),
        }
        let succeeded = result.is_ok();
        self.outcomes.push(Outcome {
            name: name.to_owned(),
            took,
            tally,
            succeeded,
        });
        result.ok()
    }

    /// Prints the table and, last, the sum; returns whether every step succeeded.
    pub fn finish(self, partial: Option<&str>) -> bool {
        println!(
            "\n{:<32}{:>8}{:>9}{:>9}",
            "step", "seconds", "passed", "failed"
        );
        let mut sum = Tally::default();
        for Outcome {
            name,
            took,
            tally,
            succeeded,
        } in &self.outcomes
        {
            print!("{name:<32}{:>8.1}", took.as_secs_f64());
            if !tally.is_empty() {
                print!("{:>9}{:>9}", tally.passed, tally.failed);
            }
            println!("{}", if *succeeded { "" } else { "  FAILED" });
            sum.passed += tally.passed;
            sum.failed += tally.failed;
        }
        if let Some(steps) = partial {
            println!("\nThis was not everything, only: {steps}");
        }
        println!("\n{} passed, {} failed", sum.passed, sum.failed);
        self.outcomes.iter().all(|outcome| outcome.succeeded)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tally(lines: &[&str]) -> (u64, u64) {
        let mut tally = Tally::default();
        lines.iter().for_each(|line| tally.read(line));
        (tally.passed, tally.failed)
    }

    #[test]
    fn results_of_all_runners_add_up() {
        let libtest = "test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.00s";
        let wasm = "test result: FAILED. 10 passed; 2 failed; 0 ignored; 0 filtered out; finished in 0.02s";
        assert_eq!(tally(&["running 4 tests", libtest, "", wasm]), (13, 2));
    }

    #[test]
    fn other_lines_count_nothing() {
        assert_eq!(
            tally(&[
                "test result ... ok",
                "test result: ok",
                "3 passed; 1 failed;"
            ]),
            (0, 0)
        );
    }
}
