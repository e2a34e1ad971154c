//! Own mask generators.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use qwebsocket::{Features, Limits, MaskGenerator, Options, WebSocket};
use support::{Log, Script};

use super::{Lab, Target};

/// The mask is on the wire as the generator gave it, and it is asked once for each frame. The key
/// of the handshake is not made of it, as in Qt.
pub(crate) async fn mask_fixed<T: Target>(lab: Lab<T>) {
    let masks = Masks::new([[1, 2, 3, 4]]);
    let Some(lab) = lab.with(Features::MASKS, masks.options()) else {
        return;
    };
    let mut keys = Vec::new();
    for _ in 0..2 {
        let mut story = lab.connect(Script::echo()).await;
        story.send("abcd");
        story.expect(["Text(abcd)"]).await;
        story.socket.ping("p".into()).unwrap();
        story.expect(["Pong(p, Some)"]).await;
        story.closes().await;
        story
            .run
            .saw(["Text(abcd)", "Ping(p)", "Close(1000)", "eof"])
            .await;
        let log = story.run.log(1).await;
        assert_eq!(masks_of(&log), [[1, 2, 3, 4]; 3]);
        keys.push(log.header(1, "Sec-WebSocket-Key").unwrap().to_owned());
    }
    assert_eq!(masks.used(), 2 * 3);
    assert_ne!(keys[0], keys[1]);
}

/// A mask of zeros is a mask: the bit is set. Qt sends such frames unmasked.
pub(crate) async fn mask_zero<T: Target>(lab: Lab<T>) {
    let masks = Masks::new([[0; 4]]);
    let Some(lab) = lab.with(Features::MASKS, masks.options()) else {
        return;
    };
    let mut story = lab.connect(Script::echo()).await;
    story.send("abcd");
    story.send_binary(b"xy");
    story.expect(["Text(abcd)", "Binary(7879)"]).await;
    story.closes().await;
    let saw = ["Text(abcd)", "Binary(7879)", "Close(1000)", "eof"];
    story.run.saw(saw).await;
    assert_eq!(masks_of(&story.run.log(1).await), [[0; 4]; 3]);
    assert_eq!(masks.used(), 3);
}

/// Each fragment has a mask of its own.
pub(crate) async fn mask_fragments<T: Target>(lab: Lab<T>) {
    let masks = Masks::new([[1; 4], [2; 4], [3; 4], [4; 4]]);
    let options = masks.options();
    let options = options.limits(Limits::new().outgoing_frame(2));
    let needed = Features::MASKS | Features::OUTGOING_FRAME;
    let Some(lab) = lab.with(needed, options) else {
        return;
    };
    let mut story = lab.connect(Script::echo()).await;
    story.send("abcdefg");
    story.expect(["Text(abcdefg)"]).await;
    story.closes().await;
    let saw = [
        "Text(ab, more)",
        "Continuation(cd, more)",
        "Continuation(ef, more)",
        "Continuation(g)",
        "Close(1000)",
        "eof",
    ];
    story.run.saw(saw).await;
    let expected = [[1; 4], [2; 4], [3; 4], [4; 4], [1; 4]];
    assert_eq!(masks_of(&story.run.log(1).await), expected);
}

/// Gives these masks one after the other, and begins anew.
#[derive(Debug)]
struct Masks {
    masks: Vec<[u8; 4]>,
    used: AtomicUsize,
}

impl Masks {
    fn new<const N: usize>(masks: [[u8; 4]; N]) -> Arc<Masks> {
        Arc::new(Masks {
            masks: masks.to_vec(),
            used: AtomicUsize::new(0),
        })
    }

    fn options(self: &Arc<Masks>) -> Options {
        Options::new().mask_generator(self.clone())
    }

    fn used(&self) -> usize {
        self.used.load(Ordering::Relaxed)
    }
}

impl MaskGenerator for Masks {
    fn next_mask(&self) -> [u8; 4] {
        let used = self.used.fetch_add(1, Ordering::Relaxed);
        self.masks[used % self.masks.len()]
    }
}

fn masks_of(log: &Log) -> Vec<[u8; 4]> {
    let frames = log.frames(1).into_iter();
    frames.map(|frame| frame.mask.expect("a mask")).collect()
}

cases! { mask_fixed, mask_zero, mask_fragments }
