//! Counts the instructions of each message in memory with Callgrind, which a busy machine does not
//! disturb, and prints ours beside the best library's.
//!
//! A run is counted twice, with few messages and with many, so that what is done once cancels out.

use std::env;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};

use qwebsocket_benches::libraries::{PEERS_IN_MEMORY, QWebSocket};
use qwebsocket_benches::library::Library;
use qwebsocket_benches::payload::bytes;
use qwebsocket_benches::work::Shape;

const KIB: usize = 1024;
const SIZES: [usize; 5] = [16, KIB, 16 * KIB, 64 * KIB, 1024 * KIB];

/// So many bytes of payload, at most, are in the shorter of the two runs, and in the longer four
/// times as many.
const PAYLOAD: usize = 16 * KIB * KIB;
const MOST_MESSAGES: usize = 5000;

fn main() -> Result<()> {
    let ours_only = env::args().any(|argument| argument == "--ours");
    let peers = if ours_only { &[] } else { PEERS_IN_MEMORY };
    let goals = env::current_exe()?.with_file_name("goals");
    ensure!(goals.exists(), "`goals` is to be built beside this program");
    let shapes = [
        ("receive", Shape::Receive),
        ("receive masked", Shape::ReceiveMasked),
        ("send and flush", Shape::Send { limit: None }),
        ("64 between two flushes", Shape::Batch { messages: 64 }),
    ];
    println!("| instructions a message | ours | best | | ours / best |\n|---|---|---|---|---|");
    for (name, shape) in shapes {
        for size in SIZES {
            let ours = each(&goals, QWebSocket::NAME, shape, size)?;
            let name = format!("{name}, {}", bytes(size));
            let mut best: Option<(f64, &str)> = None;
            for peer in peers {
                let count = each(&goals, peer, shape, size)?;
                eprintln!("{name}: {peer} {count:.0}");
                if best.is_none_or(|(least, _)| count < least) {
                    best = Some((count, peer));
                }
            }
            match best {
                Some((least, peer)) => {
                    println!(
                        "| {name} | {ours:.0} | {least:.0} | {peer} | {:.2} |",
                        ours / least
                    );
                }
                None => println!("| {name} | {ours:.0} | | | |"),
            }
        }
    }
    Ok(())
}

/// The instructions of one message.
fn each(goals: &Path, library: &str, shape: Shape, size: usize) -> Result<f64> {
    // Tens, since a tenth more is done to warm up; and whole batches of 64.
    let few = (PAYLOAD / size)
        .clamp(64, MOST_MESSAGES)
        .next_multiple_of(640);
    let many = 4 * few;
    let [first, second] = [few, many].map(|count| instructions(goals, library, shape, size, count));
    let messages = (many - few) + (many - few) / 10;
    Ok((second? as f64 - first? as f64) / messages as f64)
}

fn instructions(
    goals: &Path,
    library: &str,
    shape: Shape,
    size: usize,
    count: usize,
) -> Result<u64> {
    let mut valgrind = Command::new("valgrind");
    valgrind.args(["--tool=callgrind", "--callgrind-out-file=/dev/null"]);
    valgrind.arg(goals).args(["measure", library, "0"]);
    valgrind.args([
        shape.to_string(),
        "binary".to_owned(),
        size.to_string(),
        count.to_string(),
    ]);
    let output = valgrind.output().context("Valgrind is not installed")?;
    let told = String::from_utf8(output.stderr)?;
    ensure!(output.status.success(), "{valgrind:?} failed: {told}");
    let collected = told
        .lines()
        .find_map(|line| line.split_once("Collected : "));
    let (_, number) = collected.with_context(|| format!("Callgrind counts nothing: {told}"))?;
    Ok(number.trim().parse()?)
}
