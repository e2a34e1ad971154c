//! Writing to a peer that is gone is an error; where SIGPIPE has its default action, it must not
//! end the program.

use std::process::Command;
use std::thread;

use async_tungstenite::tungstenite::accept;

use crate::common::{PLACES, serve};

#[test]
fn a_peer_that_is_gone_does_not_end_the_program() {
    let address = serve(|stream| {
        drop(accept(stream).unwrap());
    });
    let url = format!("ws://{address}/");
    let programs = PLACES.into_iter().filter(|place| place.has_runtime());
    let programs = programs.flat_map(|place| ["many", "one", "large"].map(|how| (place, how)));
    let running = programs.map(|(place, how)| {
        let mut program = Command::new(env!("CARGO_BIN_EXE_writes-to-a-dead-peer"));
        program.args([&*url, &format!("{place:?}"), how]);
        (place, how, thread::spawn(move || program.output().unwrap()))
    });
    for (place, how, running) in running.collect::<Vec<_>>() {
        let output = running.join().unwrap();
        let said = String::from_utf8_lossy(&output.stdout);
        assert_eq!(said.trim(), "RemoteClosed", "{place:?}, {how}: {output:?}");
    }
}
