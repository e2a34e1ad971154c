//! Receiving and sending in memory: messages of each size and kind.

mod compare;

use criterion::Criterion;
use qwebsocket_benches::libraries::PEERS_IN_MEMORY;
use qwebsocket_benches::work::Shape;

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    for shape in [Shape::Receive, Shape::Send { limit: None }] {
        compare::all(&mut criterion, shape, PEERS_IN_MEMORY, 0);
    }
    criterion.final_summary();
}
