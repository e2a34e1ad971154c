use std::str;
use std::task::Poll;

use qwebsocket::fuzzing::{Decoded, Wire};
use qwebsocket::{Close, CloseCode, Frame, Limits};

use crate::{Frames, Pieces};

/// All that came through a wire inwards.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Inwards {
    /// Messages, and whether they are text.
    pub messages: Vec<(bool, Vec<u8>)>,
    /// The frames that the application sees.
    pub frames: Vec<Frame>,
    /// Opcodes and payloads of pings and pongs.
    pub controls: Vec<(u8, Vec<u8>)>,
    pub close: Option<Option<Close>>,
    pub violation: Option<CloseCode>,
}

/// Reads from the wire's transport until its end, and control frames in pieces.
pub fn read(wire: &mut Wire, limits: Limits, mut pieces: Pieces) -> Inwards {
    let mut inwards = Inwards::default();
    loop {
        while let Some(decoded) = wire.next_decoded(pieces.next_size().clamp(1, 4096)) {
            assert_eq!(inwards.close, None);
            match decoded {
                Decoded::Frame(frame) => inwards.frames.push(frame),
                Decoded::Message(message) => {
                    let is_text = message.as_text().is_some();
                    inwards
                        .messages
                        .push((is_text, message.into_bytes().into()));
                }
                Decoded::Control(frame) => {
                    let mut frames = Frames(&frame);
                    let frame = frames.next().expect("it is whole");
                    assert_eq!((frame.mask, frame.first & 0x70), (None, 0));
                    inwards.controls.push((frame.opcode(), frame.payload));
                    assert!(frames.0.is_empty());
                }
                Decoded::Close(close) => inwards.close = Some(close),
            }
        }
        if !matches!(wire.fill(), Poll::Ready(Ok(1..))) {
            break;
        }
    }
    inwards.violation = wire.violation();
    check(&inwards, limits);
    inwards
}

fn check(inwards: &Inwards, limits: Limits) {
    for (is_text, message) in &inwards.messages {
        assert!(message.len() <= limits.get_incoming_message());
        assert!(!is_text || str::from_utf8(message).is_ok());
    }
    for frame in &inwards.frames {
        assert!(!frame.is_text() || str::from_utf8(frame.payload()).is_ok());
    }
    for (opcode, payload) in &inwards.controls {
        assert!(matches!(opcode, 9 | 10));
        assert!(payload.len() <= 125);
    }
    if let Some(Some(close)) = &inwards.close {
        assert!(close.code().is_sendable());
    }
    assert!(inwards.close.is_none() || inwards.violation.is_none());
}
