//! What the suite said of one side.

use std::collections::BTreeMap;
use std::fs;

use anyhow::{Context, Result, ensure};
use serde::Deserialize;

use crate::project::Project;

const EXPECTED: &str = "tests/autobahn/expected.toml";

pub struct Verdicts {
    side: String,
    cases: BTreeMap<String, Case>,
    expected: Expected,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Case {
    behavior: String,
    behavior_close: String,
}

/// What is not expected to be plainly OK.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Expected {
    informational: Vec<String>,
}

#[derive(Default)]
struct Group {
    ok: usize,
    informational: usize,
    other: usize,
}

impl Verdicts {
    pub fn read(project: &Project, side: &str, agent: &str) -> Result<Self> {
        let expected = fs::read_to_string(project.root.join(EXPECTED))
            .with_context(|| format!("cannot read {EXPECTED}"))?;
        let index = project
            .own
            .join("autobahn/reports")
            .join(side)
            .join("index.json");
        let index = fs::read_to_string(index).context("the suite wrote no report")?;
        let mut agents: BTreeMap<String, BTreeMap<String, Case>> = serde_json::from_str(&index)?;
        let cases = agents.remove(agent).unwrap_or_default();
        ensure!(!cases.is_empty(), "the suite ran no case of the {side}");
        Ok(Self {
            side: side.to_owned(),
            cases,
            expected: toml::from_str(&expected).with_context(|| format!("in {EXPECTED}"))?,
        })
    }

    pub fn are_expected(&self) -> bool {
        self.unexpected().next().is_none()
    }

    /// A table by groups of cases, each unexpected verdict, and the sum as test runners write it.
    pub fn show(&self) {
        let mut groups: BTreeMap<u32, Group> = BTreeMap::new();
        for (name, case) in &self.cases {
            let number = name.split('.').next().and_then(|n| n.parse().ok());
            let group = groups.entry(number.unwrap_or_default()).or_default();
            match case.worst() {
                "OK" => group.ok += 1,
                "INFORMATIONAL" => group.informational += 1,
                _ => group.other += 1,
            }
        }
        println!("\nAutobahn, {}", self.side);
        println!(
            "{:>8}{:>8}{:>15}{:>8}",
            "cases", "OK", "informational", "other"
        );
        for (number, group) in groups {
            let Group {
                ok,
                informational,
                other,
            } = group;
            println!(
                "{:>8}{ok:>8}{informational:>15}{other:>8}",
                format!("{number}.*")
            );
        }
        for (name, case) in self.unexpected() {
            println!(
                "{name}: {}, its close {}",
                case.behavior, case.behavior_close
            );
        }
        let failed = self.unexpected().count();
        let word = if failed == 0 { "ok" } else { "FAILED" };
        let passed = self.cases.len() - failed;
        println!("test result: {word}. {passed} passed; {failed} failed; 0 ignored");
    }

    fn unexpected(&self) -> impl Iterator<Item = (&String, &Case)> {
        self.cases.iter().filter(|(name, case)| {
            let expected = if self.expected.informational.contains(*name) {
                "INFORMATIONAL"
            } else {
                "OK"
            };
            case.behavior != expected || case.behavior_close != expected
        })
    }
}

impl Case {
    fn worst(&self) -> &str {
        match (&*self.behavior, &*self.behavior_close) {
            ("OK", close) => close,
            (behavior, _) => behavior,
        }
    }
}
