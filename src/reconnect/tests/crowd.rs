//! Many clients of one server that restarts, in virtual time.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::*;

const MS: Duration = Duration::from_millis(1);

/// Of so many clients, in per mille, how many come back within the busiest 100 ms, when the server
/// is gone for so long. What happens to an attempt is decided by `refusal`.
fn busiest(clients: u64, gone: Duration, uptime: Duration, refusal: ErrorKind) -> usize {
    let rigs: Vec<Rig> = (0..clients)
        .map(|seed| Rig::with_seed(policy(), seed.wrapping_mul(0x9E37_79B9_7F4A_7C15)))
        .collect();
    let mut begin = Duration::ZERO;
    let mut queue = BinaryHeap::new();
    for (index, rig) in rigs.iter().enumerate() {
        rig.told();
        rig.connect();
        rig.pass(uptime);
        rig.fail(ErrorKind::RemoteClosed);
        rig.told();
        begin = rig.now();
        queue.push(Reverse((rig.due().expect("it waits"), index)));
    }
    let mut back = Vec::new();
    while let Some(Reverse((due, index))) = queue.pop() {
        let rig = &rigs[index];
        rig.sleep();
        rig.told();
        if due >= begin + gone {
            back.push(due);
            continue;
        }
        rig.fail(refusal);
        rig.told();
        queue.push(Reverse((rig.due().expect("it waits"), index)));
    }
    let within = |from: usize| back[from..].partition_point(|at| *at < back[from] + 100 * MS);
    let most = (0..back.len()).map(within).max().unwrap_or_default();
    assert_eq!(back.len() as u64, clients);
    most * 1000 / back.len()
}

/// However long it takes, and whether the connections had lasted or not.
#[test]
fn after_a_restart_not_everybody_comes_at_once() {
    let mut most = 0;
    for clients in [1000] {
        for gone in [
            0, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 30_000, 60_000,
        ] {
            for uptime in [S, 60 * S] {
                let refused = ErrorKind::ConnectionRefused;
                let busiest = busiest(clients, gone * MS, uptime, refused);
                println!("{clients} clients, gone {gone} ms, up {uptime:?}: {busiest} per mille");
                most = most.max(busiest);
            }
        }
    }
    assert!(most <= 50, "{most} per mille come within 100 ms");
}

/// A date in `Retry-After` is the same for everybody.
#[test]
fn those_who_were_told_the_same_time_are_spread() {
    let delays: Vec<Duration> = (0..1000)
        .map(|seed| {
            let policy = policy().decide(|_| Verdict::RetryAfter(60 * S));
            let rig = Rig::with_seed(policy, seed);
            rig.told();
            rig.fail(ErrorKind::Handshake);
            rig.told();
            rig.due().expect("it waits") - rig.now() - 60 * S
        })
        .collect();
    for tenth in 0..50 {
        let from = tenth * 100 * MS;
        let within = delays
            .iter()
            .filter(|d| (from..from + 100 * MS).contains(d));
        assert!(
            within.count() <= 50,
            "in the tenth of a second number {tenth}"
        );
    }
    assert!(delays.iter().all(|delay| *delay < 5 * S));
}
