//! What was measured, as tables and against the goals.

use std::collections::BTreeMap;
use std::fmt;

use anyhow::{Context, Result};
use serde::Deserialize;

const RAW: &str = "raw";
const OURS: &str = "ours, Rust";
const SCRIPT: &str = "ours, JavaScript";
const TAKING: &str = "ours, for await";
const AGAIN: &str = "ours, again";
/// Everybody but [`RAW`], in the order of the columns.
const CLIENTS: [&str; 8] = [
    SCRIPT,
    TAKING,
    AGAIN,
    OURS,
    "gloo-net",
    "ws_stream_wasm",
    "partysocket",
    "reconnecting-websocket",
];

/// At most so many nanoseconds are added to a message on its way to a listener in JavaScript.
const ADDED: f64 = 300.0;
/// What an idle connection of ours takes at most in Chromium, its socket included, in bytes.
const IDLE: f64 = 1536.0;
/// In Firefox, what Rust receives, as a part of what the raw socket does: up to 1 KiB, and 64 KiB
/// of ASCII.
const SMALL: f64 = 0.90;
const LARGE_ASCII: f64 = 0.80;

const SMALL_SIZE: usize = 1024;
const LARGE_SIZE: usize = 64 * 1024;

/// What of JavaScript is to be reached: where, the shape, up to which size, which client, and which
/// part of what the platform's own socket does.
const SCRIPT_GOALS: &[(&str, &str, usize, &str, f64)] = &[
    ("Firefox", "receive", SMALL_SIZE, SCRIPT, 0.90),
    ("Firefox", "receive", SMALL_SIZE, TAKING, 0.80),
    ("Node, ws", "receive", 16, SCRIPT, 0.85),
    ("Node, ws", "send", 16, SCRIPT, 0.90),
    ("Node, own", "receive", 16, SCRIPT, 0.90),
    ("Node, own", "send", 16, SCRIPT, 0.90),
];

/// A browser's page or worker, or Node with one of its classes.
#[derive(Clone)]
pub struct Place(pub String);

/// All of one place.
pub struct Results {
    place: Place,
    rows: Vec<Row>,
}

/// What a page tells in one line; times are nanoseconds for a message.
#[derive(Deserialize)]
struct Row {
    #[serde(flatten)]
    work: Work,
    #[serde(flatten)]
    times: Times,
}

#[derive(Deserialize)]
struct Work {
    shape: String,
    kind: String,
    size: usize,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Times {
    Socket { ns: BTreeMap<String, f64> },
    Added { direct: f64, ours: f64 },
}

impl Results {
    pub fn read(place: Place, lines: &[String]) -> Result<Results> {
        let read = |line: &String| serde_json::from_str(line).with_context(|| line.clone());
        let rows = lines.iter().map(read).collect::<Result<_>>()?;
        Ok(Results { place, rows })
    }

    /// Prints the goals that count here; returns whether they are met.
    fn print_goals(&self) -> bool {
        let mut all_met = true;
        for Row { work, times } in &self.rows {
            let (what, figure, bound, is_met) = match times {
                Times::Added { ours, .. } if work.shape == "idle" => {
                    if !self.place.0.starts_with("Chromium") {
                        continue;
                    }
                    ("B in all", *ours, IDLE, *ours <= IDLE)
                }
                Times::Added { direct, ours } => {
                    let added = ours - direct;
                    ("ns added", added, ADDED, added <= ADDED)
                }
                Times::Socket { ns } => {
                    all_met &= self.print_script_goals(work, ns);
                    let Some(bound) = self.bound(work) else {
                        continue;
                    };
                    // To the two digits that are shown.
                    let ratio = (ns[RAW] / ns[OURS] * 100.0).round() / 100.0;
                    ("of raw, Rust", ratio, bound, ratio >= bound)
                }
            };
            let met = if is_met { "met" } else { "NOT MET" };
            let work = work.to_string();
            let place = self.place.to_string();
            println!("{place:18}{work:30}{figure:>9.2} {what:13} {bound:>7.2}  {met}");
            all_met &= is_met;
        }
        all_met
    }

    fn print_script_goals(&self, work: &Work, ns: &BTreeMap<String, f64>) -> bool {
        let mut all_met = true;
        for (place, shape, size, client, bound) in SCRIPT_GOALS {
            let counts = self.place.0.starts_with(place) && work.shape == *shape;
            let Some(own) = ns.get(*client).filter(|_| counts && work.size <= *size) else {
                continue;
            };
            let ratio = (ns[RAW] / own * 100.0).round() / 100.0;
            let met = if ratio >= *bound { "met" } else { "NOT MET" };
            let (work, place) = (work.to_string(), &self.place.0);
            println!("{place:18}{work:30}{ratio:>9.2} of raw, {client} {bound:>7.2}  {met}");
            all_met &= ratio >= *bound;
        }
        all_met
    }

    fn bound(&self, work: &Work) -> Option<f64> {
        let receives = self.place.0.starts_with("Firefox") && work.shape == "receive";
        match (work.size, &*work.kind) {
            _ if !receives => None,
            (..=SMALL_SIZE, _) => Some(SMALL),
            (LARGE_SIZE, "ascii") => Some(LARGE_ASCII),
            _ => None,
        }
    }
}

/// Prints all goals; returns whether all are met.
pub fn print_goals(results: &[Results]) -> bool {
    println!();
    let missed = results.iter().filter(|results| !results.print_goals());
    missed.count() == 0
}

/// Messages per second of the raw socket, and the others as parts of that.
impl fmt::Display for Results {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:30}{:>11}", self.place.to_string(), "raw, 1/s")?;
        for client in CLIENTS {
            write!(f, "{client:>24}")?;
        }
        writeln!(f)?;
        for Row { work, times } in &self.rows {
            write!(f, "{:30}", work.to_string())?;
            match times {
                Times::Socket { ns } => {
                    write!(f, "{:>11.0}", 1e9 / ns[RAW])?;
                    for client in CLIENTS {
                        match ns.get(client) {
                            Some(ours) => write!(f, "{:>24.2}", ns[RAW] / ours)?,
                            None => write!(f, "{:>24}", "-")?,
                        }
                    }
                }
                Times::Added { direct, ours } if work.shape == "idle" => {
                    write!(f, "{direct:>8.0}  B{:>22.0} B", ours - direct)?;
                }
                Times::Added { direct, ours } => {
                    write!(f, "{direct:>8.0} ns{:>21.0} ns", ours - direct)?;
                }
            }
            writeln!(f)?;
        }
        Ok(())
    }
}

impl fmt::Display for Work {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (size, unit) = match self.size {
            bytes @ ..1024 => (bytes, "B"),
            bytes => (bytes / 1024, "KiB"),
        };
        write!(f, "{}, {}, {size} {unit}", self.shape, self.kind)
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}
