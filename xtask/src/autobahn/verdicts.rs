//! What the suite said of one side.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use anyhow::{Context, Result, ensure};
use serde::Deserialize;

use crate::project::Project;

const EXPECTED: &str = "tests/autobahn/expected.toml";
const OK: &str = "OK";

pub struct Verdicts {
    side: String,
    cases: BTreeMap<String, Verdict>,
    deviations: Vec<Deviation>,
}

/// How a case went, and how it was closed.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Verdict {
    behavior: String,
    behavior_close: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Expected {
    cases: Count,
    deviation: Vec<Deviation>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Count {
    full: usize,
    quick: usize,
}

/// Cases that are not expected to be OK in every respect.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Deviation {
    sides: Vec<String>,
    cases: Vec<String>,
    /// One of these.
    behavior: Vec<String>,
    close: String,
    reason: String,
}

impl Verdicts {
    pub fn read(
        project: &Project,
        quick: bool,
        report: &str,
        side: &str,
        agent: &str,
    ) -> Result<Self> {
        let expected = fs::read_to_string(project.root.join(EXPECTED))
            .with_context(|| format!("cannot read {EXPECTED}"))?;
        let expected: Expected =
            toml::from_str(&expected).with_context(|| format!("in {EXPECTED}"))?;
        let index = project.own.join(report).join("index.json");
        let index = fs::read_to_string(index).context("the suite wrote no report")?;
        let mut agents: BTreeMap<String, BTreeMap<String, Verdict>> = serde_json::from_str(&index)?;
        let cases = agents.remove(agent).unwrap_or_default();
        let Count { full, quick: some } = expected.cases;
        let (count, all) = (cases.len(), if quick { some } else { full });
        ensure!(
            count == all,
            "the suite ran {count} cases of the {side} and not {all}"
        );
        let is_of_side = |deviation: &Deviation| deviation.sides.iter().any(|name| name == side);
        Ok(Self {
            side: side.to_owned(),
            cases,
            deviations: expected.deviation.into_iter().filter(is_of_side).collect(),
        })
    }

    pub fn are_expected(&self) -> bool {
        self.unexpected().next().is_none()
    }

    /// How many cases of a group, or of all, are OK in every respect, and how many there are.
    fn tally(&self, group: Option<u32>) -> (usize, usize) {
        let is_in = |name: &str| group.is_none_or(|group| group_of(name) == group);
        let cases = self.cases.iter().filter(|(name, _)| is_in(name));
        let ok = cases.clone().filter(|(_, verdict)| verdict.is_ok());
        (ok.count(), cases.count())
    }

    /// What is expected not to be OK, each unexpected verdict, and the sum as test runners write
    /// it.
    fn show_deviations(&self) {
        for deviation in &self.deviations {
            let count = self.deviating(deviation).count();
            if count > 0 {
                let behavior = deviation.behavior.join(" or ");
                let Deviation { close, reason, .. } = deviation;
                println!("{count:>4} {behavior}, closing {close}: {reason}");
            }
        }
        for (name, verdict) in self.unexpected() {
            let Verdict {
                behavior,
                behavior_close,
            } = verdict;
            println!("unexpected: {name} {behavior}, closing {behavior_close}");
        }
        let failed = self.unexpected().count();
        let word = if failed == 0 { "ok" } else { "FAILED" };
        let passed = self.cases.len() - failed;
        println!("test result: {word}. {passed} passed; {failed} failed; 0 ignored");
    }

    /// The verdicts that are as expected, but not OK.
    fn deviating(&self, deviation: &Deviation) -> impl Iterator<Item = &Verdict> {
        let verdicts = deviation
            .cases
            .iter()
            .filter_map(|name| self.cases.get(name));
        verdicts.filter(|verdict| deviation.allows(verdict) && !verdict.is_ok())
    }

    fn unexpected(&self) -> impl Iterator<Item = (&String, &Verdict)> {
        self.cases.iter().filter(|(name, verdict)| {
            let deviation = self
                .deviations
                .iter()
                .find(|other| other.cases.contains(name));
            match deviation {
                Some(deviation) => !deviation.allows(verdict),
                None => !verdict.is_ok(),
            }
        })
    }
}

impl Deviation {
    fn allows(&self, verdict: &Verdict) -> bool {
        self.behavior.contains(&verdict.behavior) && self.close == verdict.behavior_close
    }
}

impl Verdict {
    fn is_ok(&self) -> bool {
        self.behavior == OK && self.behavior_close == OK
    }
}

/// `12` of `12.1.10`.
fn group_of(case: &str) -> u32 {
    let number = case
        .split('.')
        .next()
        .and_then(|number| number.parse().ok());
    number.unwrap_or_default()
}

/// The sides beside each other, OK of all by groups of cases; below it what is not OK.
pub fn show(sides: &[Verdicts]) {
    let cells = |head: &str, cell: &dyn Fn(&Verdicts) -> String| {
        let cells: String = sides
            .iter()
            .map(|side| format!("{:>14}", cell(side)))
            .collect();
        println!("{head:<8}{cells}");
    };
    let ok_of_all = |group| {
        move |side: &Verdicts| {
            let (ok, all) = side.tally(group);
            format!("{ok} of {all}")
        }
    };
    println!("\nAutobahn: the cases that are OK");
    cells("", &|side| side.side.clone());
    let groups: BTreeSet<_> = sides
        .iter()
        .flat_map(|side| side.cases.keys().map(|name| group_of(name)))
        .collect();
    for group in groups {
        cells(&format!("{group}.*"), &ok_of_all(Some(group)));
    }
    cells("all", &ok_of_all(None));
    for side in sides {
        println!("\n{}", side.side);
        side.show_deviations();
    }
}
