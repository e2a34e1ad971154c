//! The write queue, under any sequence of what an application and a peer can make it do. The bytes
//! that leave are the messages that were sent, in whole frames; at each step the queue counts exactly
//! what remains; and the wire of the other side reads the same messages again.

#![no_main]

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::task::Poll;

use arbitrary::{Arbitrary, Unstructured};
use libfuzzer_sys::fuzz_target;
use qwebsocket::fuzzing::Wire;
use qwebsocket::{Close, CloseCode, Compression, Limits, MaskGenerator, Message, Options};
use qwebsocket_fuzz::{Frames, Inwards, Pieces, Pipe, read};

/// With so many unwritten, another pong replaces the last.
const MAX_PONGS: usize = 64;

/// What all messages of one input take together.
const MOST: usize = 256 * 1024;

#[derive(Arbitrary, Debug)]
struct Input {
    is_client: bool,
    own_masks: bool,
    compression: Option<bool>,
    frame_size: u16,
    /// How much the transport takes at once.
    seed: u16,
    steps: Vec<Step>,
}

#[derive(Arbitrary, Debug)]
enum Step {
    Send {
        is_text: bool,
        size: Size,
    },
    Part {
        size: Size,
        is_last: bool,
    },
    Control {
        is_ping: bool,
        size: u8,
    },
    SetFrameSize(u16),
    Write {
        room: Size,
    },
    Close {
        size: u8,
    },
    /// The peer breaks the rules: our close frame is next.
    DiscardUnsent,
}

/// Mostly small, now and then larger than every buffer.
#[derive(Debug)]
struct Size(usize);

impl<'a> Arbitrary<'a> for Size {
    fn arbitrary(input: &mut Unstructured<'a>) -> arbitrary::Result<Size> {
        let size = usize::from(input.arbitrary::<u16>()?);
        Ok(Size(match size >> 14 {
            0 => size & 0xFF,
            1 => size & 0x3FFF,
            2 => 16 * 1024 - 8 + (size & 0xF),
            _ => (size & 0x3FFF) * 8,
        }))
    }
}

#[derive(Debug, Default)]
struct Counting(AtomicU32);

impl MaskGenerator for Counting {
    fn next_mask(&self) -> [u8; 4] {
        self.0.fetch_add(1, Ordering::Relaxed).to_be_bytes()
    }
}

/// What was sent, and what must leave.
struct Model {
    is_client: bool,
    is_compressed: bool,
    frame_size: usize,
    sent: usize,
    messages: Vec<(bool, Vec<u8>)>,
    /// The sizes of frames that each message may have, with the payload sizes of its parts.
    parts: Vec<(usize, usize)>,
    open: Option<(bool, Vec<u8>)>,
    controls: Vec<(u8, Vec<u8>)>,
    pongs: usize,
    close: Option<Vec<u8>>,
    is_cut: bool,
}

fuzz_target!(|input: Input| {
    let generator = Arc::new(Counting::default());
    let frame_size = usize::from(input.frame_size.max(1));
    let compression = input.compression.map(|context_takeover| {
        Compression::new()
            .client_no_context_takeover(!context_takeover)
            .server_no_context_takeover(!context_takeover)
            .level(1)
    });
    let mut options = Options::new()
        .limits(Limits::new().outgoing_frame(frame_size))
        .compression(compression);
    if input.own_masks {
        options = options.mask_generator(generator.clone());
    }
    let options = options.build().unwrap();
    let pipe = Pipe::new(&[], Pieces::new(input.seed));
    let mut wire = Wire::new(pipe.clone(), input.is_client, &options);
    let mut model = Model {
        is_client: input.is_client,
        is_compressed: compression.is_some(),
        frame_size,
        sent: 0,
        messages: Vec::new(),
        parts: Vec::new(),
        open: None,
        controls: Vec::new(),
        pongs: 0,
        close: None,
        is_cut: false,
    };

    // Bytes that have left, and those that left or are queued.
    let (mut written, mut total) = (0, 0);
    for step in input.steps {
        if let Step::Write { room } = step {
            pipe.end().room = room.0;
            let before = wire.queued();
            let mut count = 0;
            let result = wire.drain(&mut count);
            written += count;
            assert_eq!(wire.queued(), before - count);
            assert_eq!(pipe.end().output.len(), written);
            assert_eq!(result.is_ready(), wire.is_flushed());
            assert!(result.is_ready() || pipe.end().room == 0);
        } else if let Some(added) = model.take(&mut wire, step) {
            total += added;
            assert_eq!(written + wire.queued(), total);
        } else {
            total = written + wire.queued();
        }
    }
    pipe.end().room = usize::MAX;
    let mut count = 0;
    assert!(matches!(wire.drain(&mut count), Poll::Ready(Ok(()))));
    assert!(wire.is_flushed());
    assert_eq!((wire.queued(), written + count), (0, total));

    let output = pipe.end().output.clone();
    assert_eq!(output.len(), total);
    model.check_frames(&output, input.own_masks);
    let mut peer = Wire::new(
        Pipe::new(&output, Pieces::new(0)),
        !input.is_client,
        &options,
    );
    model.check_messages(read(&mut peer, Limits::new(), Pieces::new(0)));
});

impl Model {
    /// Does a step as far as a socket would. Returns the bytes that it must add to the queue, unless
    /// only the queue can tell.
    fn take(&mut self, wire: &mut Wire, step: Step) -> Option<usize> {
        match step {
            Step::SetFrameSize(size) => {
                self.frame_size = usize::from(size.max(1));
                wire.set_frame_size(self.frame_size);
                Some(0)
            }
            Step::Control { is_ping, size } => {
                let payload =
                    content(size.into(), self.controls.len())[..size.min(125).into()].to_vec();
                wire.control(is_ping, payload.clone().into());
                if self.close.is_some() {
                    return Some(0);
                }
                self.pongs += usize::from(!is_ping);
                let size = self.frame(payload.len());
                self.controls.push((if is_ping { 9 } else { 10 }, payload));
                (self.pongs <= MAX_PONGS).then_some(size)
            }
            Step::DiscardUnsent if !self.is_cut => {
                wire.discard_unsent();
                self.is_cut = true;
                self.push_close(wire, 5);
                None
            }
            Step::Close { size } if self.close.is_none() => {
                self.push_close(wire, size.min(123).into());
                let close = self.close.as_ref().map_or(0, Vec::len);
                Some(self.frame(close))
            }
            Step::Send { size, .. } | Step::Part { size, .. }
                if self.close.is_some() || self.sent + size.0 > MOST =>
            {
                Some(0)
            }
            Step::Send { is_text, size } if self.open.is_none() => {
                let payload = self.content(size.0);
                wire.send(message(is_text, &payload));
                self.parts.push((size.0, self.frame_size));
                self.messages.push((is_text, payload));
                self.data(size.0)
            }
            Step::Part { size, is_last } => {
                let payload = self.content(size.0);
                let (_, open) = self.open.get_or_insert_with(|| (true, Vec::new()));
                open.extend_from_slice(&payload);
                wire.send_part(message(true, &payload), is_last);
                self.parts.push((size.0, self.frame_size));
                if is_last {
                    self.messages.extend(self.open.take());
                }
                self.data(size.0)
            }
            _ => Some(0),
        }
    }

    fn push_close(&mut self, wire: &mut Wire, size: usize) {
        let reason = String::from_utf8(content(size, 0)).expect("it is ASCII");
        wire.close(&Close::new(CloseCode::PROTOCOL, reason.clone()));
        if self.close.is_none() {
            let code = CloseCode::PROTOCOL.get().to_be_bytes();
            self.close = Some([&code, reason.as_bytes()].concat());
        }
    }

    fn content(&mut self, size: usize) -> Vec<u8> {
        self.sent += size;
        content(size, self.messages.len())
    }

    /// The bytes that a payload takes on the wire.
    fn data(&self, size: usize) -> Option<usize> {
        if self.is_compressed {
            return None;
        }
        let sizes = frame_sizes(size, self.frame_size);
        Some(sizes.map(|size| self.frame(size)).sum())
    }

    fn frame(&self, payload: usize) -> usize {
        let length = match payload {
            0..=125 => 0,
            126..=0xFFFF => 2,
            _ => 8,
        };
        2 + length + if self.is_client { 4 } else { 0 } + payload
    }

    /// Whole frames with our masks; a payload is cut into the frames that were asked for.
    fn check_frames(&self, output: &[u8], own_masks: bool) {
        let mut frames = Frames(output);
        let mut expected = self
            .parts
            .iter()
            .flat_map(|(size, frame_size)| frame_sizes(*size, *frame_size));
        let mut is_closed = false;
        for (index, frame) in frames.by_ref().enumerate() {
            assert!(!is_closed, "nothing follows a close frame");
            is_closed = frame.opcode() == 8;
            assert_eq!(frame.mask.is_some(), self.is_client);
            if own_masks && self.is_client {
                assert_eq!(frame.mask, Some((index as u32).to_be_bytes()));
            }
            if frame.opcode() < 8 && !self.is_compressed {
                assert_eq!(expected.next(), Some(frame.payload.len()));
            }
        }
        assert!(frames.0.is_empty());
        assert_eq!(is_closed, self.close.is_some());
        if !self.is_cut && !self.is_compressed {
            assert_eq!(expected.next(), None);
        }
    }

    fn check_messages(self, read: Inwards) {
        assert_eq!(read.violation, None);
        let close = self.close.map(|payload| payload[2..].to_vec());
        let read_close = read
            .close
            .map(|close| close.expect("it has a code").reason().into());
        assert_eq!(read_close, close);
        if self.is_cut {
            assert!(self.messages.starts_with(&read.messages));
            assert!(read.controls.len() <= self.controls.len());
            return;
        }
        assert_eq!(read.messages, self.messages);
        if self.pongs <= MAX_PONGS {
            assert_eq!(read.controls, self.controls);
        } else {
            let pings = |controls: Vec<(u8, Vec<u8>)>| {
                let pings = controls.into_iter().filter(|(opcode, _)| *opcode == 9);
                pings.collect::<Vec<_>>()
            };
            assert_eq!(pings(read.controls), pings(self.controls));
        }
    }
}

fn message(is_text: bool, payload: &[u8]) -> Message {
    match is_text {
        true => str::from_utf8(payload).expect("it is ASCII").into(),
        false => payload.into(),
    }
}

/// The payloads of the frames that a payload is cut into: at least one.
fn frame_sizes(size: usize, frame_size: usize) -> impl Iterator<Item = usize> {
    let whole = (size / frame_size) * frame_size;
    let rest = (size > whole || size == 0).then_some(size - whole);
    std::iter::repeat_n(frame_size, size / frame_size).chain(rest)
}

/// ASCII that differs from place to place and from message to message.
fn content(size: usize, index: usize) -> Vec<u8> {
    let pattern = std::array::from_fn::<u8, 251, _>(|at| ((at + index * 7) % 128) as u8);
    let mut content = pattern.repeat(size.div_ceil(pattern.len()));
    content.truncate(size);
    content
}
