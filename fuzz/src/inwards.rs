use std::str;
use std::task::Poll;

use qwebsocket::fuzzing::{Note, Wire};
use qwebsocket::{Close, CloseCode, Frame, Limits};

use crate::{Frames, Pieces};

/// All that passed a wire inwards.
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

/// Reads from the wire's transport until its end, and takes what passes in pieces.
pub fn read(wire: &mut Wire, limits: Limits, mut pieces: Pieces) -> Inwards {
    let mut out = vec![0; 4 * 1024];
    let (mut plain, mut notes) = (Vec::new(), Vec::new());
    loop {
        loop {
            let size = pieces.next_size().min(out.len());
            let passed = wire.pass(&mut out[..size]);
            plain.extend_from_slice(&out[..passed]);
            notes.extend(std::iter::from_fn(|| wire.next_note()));
            if passed == 0 {
                break;
            }
        }
        if !matches!(wire.fill(), Poll::Ready(Ok(1..))) {
            break;
        }
    }
    let inwards = put_together(&plain, notes, wire.violation());
    check(&inwards, limits);
    inwards
}

/// Does what tungstenite and the link do: the former puts messages together, the latter finds the
/// note of each.
fn put_together(plain: &[u8], notes: Vec<Note>, violation: Option<CloseCode>) -> Inwards {
    let mut inwards = Inwards {
        violation,
        ..Inwards::default()
    };
    let mut frames = Frames(plain);
    let mut message = None;
    for note in notes {
        if let Note::Frame(frame) = note {
            inwards.frames.push(frame);
            continue;
        }
        // Data frames in front of a control frame belong to a message that is not over.
        let frame = loop {
            let Some(frame) = frames.next() else {
                // A control frame is noted as a whole, but its header must have passed.
                panic!("{note:?} has no frame");
            };
            assert_eq!(frame.mask, None);
            assert_eq!(frame.first & 0x70, 0);
            if frame.opcode() >= 8 {
                break frame;
            }
            let begins = frame.opcode() == 2;
            assert_eq!(begins, message.is_none());
            message
                .get_or_insert_with(Vec::new)
                .extend_from_slice(&frame.payload);
            if frame.is_final() {
                break frame;
            }
        };
        match note {
            Note::Message { is_text } => {
                assert!(frame.opcode() < 8);
                inwards
                    .messages
                    .push((is_text, message.take().expect("it has begun")));
            }
            Note::Control => inwards.controls.push((frame.opcode(), frame.payload)),
            Note::Close(close) => {
                assert_eq!(frame.opcode(), 8);
                inwards.close = Some(close);
            }
            Note::Frame(_) => unreachable!("taken above"),
        }
    }
    inwards
}

fn check(inwards: &Inwards, limits: Limits) {
    for (is_text, message) in &inwards.messages {
        assert!(message.len() <= limits.max_incoming_message());
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
