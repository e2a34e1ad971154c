//! Receiving, sending and echoing on loopback: messages of each size and kind.

mod compare;

use std::env;
use std::process::Command;

use criterion::Criterion;
use qwebsocket_benches::libraries::{BATCHING_PEERS, PEERS};
use qwebsocket_benches::servers::Running;
use qwebsocket_benches::turns;
use qwebsocket_benches::work::Shape;

/// Starts this program as the server.
const SERVE: &str = "serve";

fn main() {
    if env::args().nth(1).is_some_and(|role| role == SERVE) {
        turns::act(SERVE, &[]).expect("a port is free");
        return;
    }
    let program = env::current_exe().expect("a program has a path");
    let server = Running::start(Command::new(program).arg(SERVE)).expect("a program starts itself");
    let port = server.target().port;
    let mut criterion = Criterion::default().configure_from_args();
    compare::all(&mut criterion, Shape::Push, PEERS, port);
    let shape = Shape::BatchedFlood { batch: 16 };
    compare::all(&mut criterion, shape, BATCHING_PEERS, port);
    compare::all(&mut criterion, Shape::Echo { window: 1 }, PEERS, port);
    criterion.final_summary();
}
