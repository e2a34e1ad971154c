//! The wire inwards, on the bytes behind a few that choose the options. What passes does not depend
//! on the pieces in which the bytes arrive and are taken, and keeps the limits.

#![no_main]

use libfuzzer_sys::fuzz_target;
use qwebsocket::fuzzing::Wire;
use qwebsocket::{Compression, Limits, Options};
use qwebsocket_fuzz::{Inwards, Pieces, Pipe, read};

/// More than two read buffers.
const MOST: usize = 160 * 1024;

fuzz_target!(|input: &[u8]| {
    let Some((&[flags, frame, message, buffer, repeat, high, low], bytes)) =
        input.split_first_chunk()
    else {
        return;
    };
    let flag = |bit: u8| flags & (1 << bit) != 0;
    let mut limits = Limits::new();
    if frame > 0 {
        limits = limits.incoming_frame(usize::from(frame) - 1);
    }
    if message > 0 {
        limits = limits.incoming_message((usize::from(message) - 1) * 4);
    }
    let is_compressed = flag(3);
    let compression = Compression::new()
        .server_max_window_bits(if flag(4) { 8 } else { 15 })
        .client_max_window_bits(if flag(4) { 9 } else { 15 })
        .server_no_context_takeover(flag(5))
        .client_no_context_takeover(flag(5));
    let options = Options::new()
        .limits(limits)
        .frames(flag(1))
        .messages(!flag(2))
        .read_buffer_size((buffer > 0).then(|| usize::from(buffer) * 256))
        .compression(is_compressed.then_some(compression))
        .build()
        .unwrap();
    let times = (1 + usize::from(repeat))
        .min(MOST / bytes.len().max(1))
        .max(1);
    let bytes = bytes.repeat(times);

    let run = |seed: u16| {
        let pipe = Pipe::new(&bytes, Pieces::new(seed));
        let mut wire = Wire::new(pipe, flag(0), &options);
        read(&mut wire, limits, Pieces::new(seed))
    };
    let whole = run(0);
    let mut pieces = run(u16::from_be_bytes([high, low]));
    if is_compressed && whole.violation.is_some() && pieces.violation.is_some() {
        // Which comes first, what is inflated over the limit or what is no text before that, is
        // seen piece by piece.
        pieces.violation = whole.violation;
    }
    assert_eq!(whole, pieces);
    check_wanted(&whole, flag(1) || flag(2), !flag(2));
});

/// Of what the application does not want, nothing is made.
fn check_wanted(inwards: &Inwards, frames: bool, messages: bool) {
    assert!(frames || inwards.frames.is_empty());
    assert!(messages || inwards.messages.is_empty());
    if frames && messages {
        let mut frames = inwards.frames.iter();
        for (is_text, message) in &inwards.messages {
            let mut joined = Vec::new();
            for frame in frames.by_ref() {
                assert_eq!(frame.is_text(), *is_text);
                joined.extend_from_slice(frame.payload());
                if frame.is_last() {
                    break;
                }
            }
            assert_eq!(joined, *message);
        }
    }
}
