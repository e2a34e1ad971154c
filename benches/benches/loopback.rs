//! Receiving, sending and echoing on loopback: messages of each size and kind.

mod compare;

use std::thread;

use criterion::Criterion;
use qwebsocket_benches::libraries::{BATCHING_PEERS, PEERS};
use qwebsocket_benches::machine::{self, Side};
use qwebsocket_benches::server::Server;
use qwebsocket_benches::work::Shape;

fn main() {
    let server = Server::bind().expect("a port is free");
    let port = server.port().expect("it is bound");
    thread::spawn(|| {
        machine::pin(Side::Server);
        server.run()
    });
    let mut criterion = Criterion::default().configure_from_args();
    compare::all(&mut criterion, Shape::Push, PEERS, port);
    compare::all(
        &mut criterion,
        Shape::Flood { batch: 16 },
        BATCHING_PEERS,
        port,
    );
    compare::all(&mut criterion, Shape::Echo { window: 1 }, PEERS, port);
    criterion.final_summary();
}
