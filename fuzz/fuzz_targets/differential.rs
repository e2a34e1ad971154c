//! Our socket against tungstenite alone, on the same bytes: the same messages in the same order, the
//! same answers to pings and close frames, and an error in the same place. The differences that are
//! meant:
//!
//! - tungstenite takes lengths that are not in their shortest form;
//! - close codes that may not be sent are no error to it, but become 1002, and so does 1014;
//! - it waits for whole frames, and for the whole of a single text frame, before it refuses;
//! - where a frame breaks several rules, the two may see another one first;
//! - pongs that are not written when the peer breaks a rule are not sent any more, and of many that
//!   wait, the last few are enough.

#![no_main]

use std::io::{self, Cursor, Read, Write};

use arbitrary::{Arbitrary, Unstructured};
use futures::executor::block_on;
use libfuzzer_sys::fuzz_target;
use qwebsocket::fuzzing::{Header, apply_mask, connected};
use qwebsocket::{CloseCode, Event, Limits, Options, Timeouts, WebSocket, WebSocketExt};
use qwebsocket_fuzz::{Frame, Frames, Pieces, Pipe};
use tungstenite::protocol::{Role, WebSocketConfig};
use tungstenite::{Error, Message};

/// With so many unwritten, another pong replaces the last.
const MAX_PONGS: usize = 64;

#[derive(Arbitrary, Debug)]
struct Input<'a> {
    is_client: bool,
    seed: u16,
    frame_limit: Option<u8>,
    message_limit: Option<u8>,
    mask: [u8; 4],
    valid: Vec<Step<'a>>,
    wild: Option<Wild<'a>>,
    behind: Vec<Step<'a>>,
}

/// What keeps the rules, apart from limits.
#[derive(Arbitrary, Debug)]
enum Step<'a> {
    Text {
        text: &'a str,
        times: Times,
        cut: u8,
    },
    Binary {
        data: &'a [u8],
        times: Times,
        cut: u8,
    },
    Begin {
        is_text: bool,
        text: &'a str,
    },
    Ping(&'a [u8]),
    Pong(&'a [u8]),
    Close {
        code: Code,
        reason: &'a str,
    },
    EmptyClose,
}

/// What most often does not.
#[derive(Arbitrary, Debug)]
enum Wild<'a> {
    Frame {
        first: u8,
        is_masked: bool,
        payload: &'a [u8],
    },
    /// A length that takes more bytes than it needs, or is only claimed.
    Length {
        first: u8,
        extended: u64,
        is_long: bool,
    },
    Bytes(&'a [u8]),
}

#[derive(Debug)]
struct Times(usize);

impl<'a> Arbitrary<'a> for Times {
    fn arbitrary(input: &mut Unstructured<'a>) -> arbitrary::Result<Times> {
        let times: u8 = input.arbitrary()?;
        Ok(Times(if times < 224 {
            1
        } else {
            1 << (times - 224).min(16)
        }))
    }
}

#[derive(Debug)]
struct Code(u16);

impl<'a> Arbitrary<'a> for Code {
    fn arbitrary(input: &mut Unstructured<'a>) -> arbitrary::Result<Code> {
        Ok(Code(match input.arbitrary::<u8>()? {
            near @ 0..=31 => 999 + u16::from(near),
            32..=63 => input.int_in_range(2995..=5005)?,
            64..=95 => input.arbitrary()?,
            _ => 1000,
        }))
    }
}

/// All that a side told its application and its peer.
#[derive(Debug, Default)]
struct Outcome {
    items: Vec<Item>,
    /// The close frame as it was read: its code or 1005, and its reason.
    close: Option<(u16, String)>,
    /// The close code of an error that is no end of the stream.
    error: Option<u16>,
    pongs: Vec<Vec<u8>>,
    /// The close frame that was written.
    farewell: Option<Vec<u8>>,
}

#[derive(Debug, PartialEq, Eq)]
enum Item {
    Text(String),
    Binary(Vec<u8>),
    Pong(Vec<u8>),
}

fuzz_target!(|input: Input| {
    let mut limits = Limits::new()
        .incoming_frame(1 << 20)
        .incoming_message(1 << 20);
    if let Some(limit) = input.frame_limit {
        // At least what a control frame may have: tungstenite limits these too.
        limits = limits.incoming_frame(125 + usize::from(limit));
    }
    if let Some(limit) = input.message_limit {
        limits = limits.incoming_message(limit.into());
    }
    let bytes = encode(&input);
    let ours = run_ours(&bytes, &input, limits);
    let theirs = run_theirs(&bytes, &input, limits);
    compare(&ours, &theirs, &bytes);
});

fn encode(input: &Input) -> Vec<u8> {
    // Our peer is the other side.
    let mask = (!input.is_client).then_some(input.mask);
    let mut out = Vec::new();
    let mut is_open = false;
    for step in &input.valid {
        step.encode(&mut out, mask, &mut is_open);
    }
    match &input.wild {
        Some(Wild::Frame {
            first,
            is_masked,
            payload,
        }) => {
            push(&mut out, *first, is_masked.then_some(input.mask), payload);
        }
        Some(Wild::Length {
            first,
            extended,
            is_long,
        }) => {
            let (byte, skipped) = if *is_long { (127, 0) } else { (126, 6) };
            out.extend_from_slice(&[*first, byte | if input.is_client { 0 } else { 0x80 }]);
            out.extend_from_slice(&extended.to_be_bytes()[skipped..]);
        }
        Some(Wild::Bytes(bytes)) => out.extend_from_slice(bytes),
        None => {}
    }
    for step in &input.behind {
        step.encode(&mut out, mask, &mut is_open);
    }
    out
}

impl Step<'_> {
    fn encode(&self, out: &mut Vec<u8>, mask: Option<[u8; 4]>, is_open: &mut bool) {
        let control = |bytes: &[u8]| bytes[..bytes.len().min(125)].to_vec();
        match self {
            Step::Text { text, times, cut } => {
                let payload = text
                    .as_bytes()
                    .repeat(times.0.min(MOST / text.len().max(1)));
                message(out, mask, 1, &payload, *cut, is_open);
            }
            Step::Binary { data, times, cut } => {
                let payload = data.repeat(times.0.min(MOST / data.len().max(1)));
                message(out, mask, 2, &payload, *cut, is_open);
            }
            Step::Begin { is_text, text } => {
                let opcode = if *is_text { 1 } else { 2 };
                push(
                    out,
                    if *is_open { 0 } else { opcode },
                    mask,
                    text.as_bytes(),
                );
                *is_open = true;
            }
            Step::Ping(payload) => push(out, 0x89, mask, &control(payload)),
            Step::Pong(payload) => push(out, 0x8A, mask, &control(payload)),
            Step::Close { code, reason } => {
                let payload = [&code.0.to_be_bytes(), reason.as_bytes()].concat();
                push(out, 0x88, mask, &control(&payload));
            }
            Step::EmptyClose => push(out, 0x88, mask, &[]),
        }
    }
}

/// The largest payload of a message.
const MOST: usize = 96 * 1024;

/// A message in frames of equal size, or the rest of the one that is open.
fn message(
    out: &mut Vec<u8>,
    mask: Option<[u8; 4]>,
    opcode: u8,
    payload: &[u8],
    cut: u8,
    is_open: &mut bool,
) {
    let size = if cut < 128 {
        usize::MAX
    } else {
        1 + usize::from(cut - 128)
    };
    let most_frames = 64;
    let size = size.max(payload.len().div_ceil(most_frames)).max(1);
    let mut opcode = if std::mem::take(is_open) { 0 } else { opcode };
    let (mut rest, mut is_first) = (payload, true);
    while is_first || !rest.is_empty() {
        let (frame, behind) = rest.split_at(size.min(rest.len()));
        rest = behind;
        let fin = if rest.is_empty() { 0x80 } else { 0 };
        push(out, fin | std::mem::take(&mut opcode), mask, frame);
        is_first = false;
    }
}

fn push(out: &mut Vec<u8>, first: u8, mask: Option<[u8; 4]>, payload: &[u8]) {
    let length = payload.len() as u64;
    out.extend_from_slice(
        &Header {
            first,
            mask,
            length,
        }
        .write(),
    );
    let start = out.len();
    out.extend_from_slice(payload);
    if let Some(mask) = mask {
        apply_mask(&mut out[start..], mask, 0);
    }
}

fn run_ours(bytes: &[u8], input: &Input, limits: Limits) -> Outcome {
    let options = Options::new()
        .limits(limits)
        .timeouts(Timeouts::new().close(None))
        .build()
        .unwrap();
    let pipe = Pipe::new(bytes, Pieces::new(input.seed));
    let socket = connected(pipe.clone(), input.is_client, options);
    let mut outcome = Outcome::default();
    // It waits for nobody but itself.
    while let Some(event) = block_on(socket.next_event()) {
        match event {
            Event::Message(qwebsocket::Message::Text(text)) => {
                outcome.items.push(Item::Text(text.to_string()));
            }
            Event::Message(qwebsocket::Message::Binary(data)) => {
                outcome.items.push(Item::Binary(data.into()));
            }
            Event::Pong { payload, .. } => outcome.items.push(Item::Pong(payload.into())),
            _ => {}
        }
    }
    let closed = socket.closed().expect("it is over");
    match socket.last_error() {
        None => outcome.close = Some((closed.code().get(), closed.reason().to_owned())),
        Some(_) if closed.code() == CloseCode::ABNORMAL => {}
        Some(_) => outcome.error = Some(closed.code().get()),
    }
    drop(socket);
    outcome.read_written(&pipe.end().output, input.is_client);
    outcome
}

/// tungstenite's stream.
struct Stream {
    input: Cursor<Vec<u8>>,
    output: Vec<u8>,
}

impl Read for Stream {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        self.input.read(out)
    }
}

impl Write for Stream {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.output.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn run_theirs(bytes: &[u8], input: &Input, limits: Limits) -> Outcome {
    let role = if input.is_client {
        Role::Client
    } else {
        Role::Server
    };
    let config = WebSocketConfig::default()
        .max_frame_size(Some(limits.get_incoming_frame()))
        .max_message_size(Some(limits.get_incoming_message()));
    let stream = Stream {
        input: Cursor::new(bytes.to_vec()),
        output: Vec::new(),
    };
    let mut socket = tungstenite::WebSocket::from_raw_socket(stream, role, Some(config));
    let mut outcome = Outcome::default();
    let error = loop {
        match socket.read() {
            Ok(Message::Text(text)) => outcome.items.push(Item::Text(text.to_string())),
            Ok(Message::Binary(data)) => outcome.items.push(Item::Binary(data.into())),
            Ok(Message::Pong(payload)) => outcome.items.push(Item::Pong(payload.into())),
            Ok(Message::Close(close)) => {
                let close = close.map(|close| (close.code.into(), close.reason.to_string()));
                outcome.close = Some(close.unwrap_or((1005, String::new())));
            }
            Ok(_) => {}
            Err(error) => break error,
        }
    };
    if outcome.close.is_none() {
        use tungstenite::error::ProtocolError::ResetWithoutClosingHandshake;
        outcome.error = match error {
            Error::Protocol(ResetWithoutClosingHandshake) => None,
            Error::Capacity(_) => Some(1009),
            Error::Utf8(_) => Some(1007),
            Error::Protocol(_) => Some(1002),
            other => panic!("{other}"),
        };
    }
    outcome.read_written(&socket.get_ref().output, input.is_client);
    outcome
}

impl Outcome {
    fn read_written(&mut self, output: &[u8], is_client: bool) {
        let mut frames = Frames(output);
        for Frame {
            first,
            mask,
            payload,
        } in frames.by_ref()
        {
            assert_eq!(mask.is_some(), is_client);
            assert!(self.farewell.is_none());
            match first {
                0x8A => self.pongs.push(payload),
                0x88 => self.farewell = Some(payload),
                other => panic!("nobody sent {other:x}"),
            }
        }
        assert!(frames.0.is_empty());
    }
}

fn compare(ours: &Outcome, theirs: &Outcome, bytes: &[u8]) {
    match (&ours.close, &ours.error) {
        (Some((1014, _)), None) => {
            assert_eq!(theirs.close, Some((1002, "Protocol violation".into())));
        }
        (Some(close), None) => {
            assert_eq!(theirs.close.as_ref(), Some(close));
            assert_eq!(ours.farewell, theirs.farewell);
        }
        (None, None) => {
            assert_eq!((&theirs.close, theirs.error), (&None, None));
            assert_eq!(ours.farewell, None);
        }
        (_, Some(code)) => {
            let farewell = ours.farewell.as_ref().expect("the peer is told");
            assert_eq!(farewell[..2], code.to_be_bytes());
            compare_errors(ours, theirs, *code, bytes);
            return;
        }
    }
    assert_eq!(ours.items, theirs.items);
    if theirs.pongs.len() <= MAX_PONGS {
        assert_eq!(ours.pongs, theirs.pongs);
    } else {
        assert!(is_part(&ours.pongs, &theirs.pongs));
    }
}

/// We refuse what came; tungstenite does so as well, unless it is one of the intended differences.
fn compare_errors(ours: &Outcome, theirs: &Outcome, code: u16, bytes: &[u8]) {
    assert!(theirs.items.starts_with(&ours.items));
    assert!(is_part(&ours.pongs, &theirs.pongs));
    let refused = Refused::find(bytes);
    if let Refused::LongForm = refused {
        return;
    }
    assert_eq!(ours.items, theirs.items);
    match theirs.error {
        // Both are right where a frame is too large and breaks another rule.
        Some(1009) => assert!(matches!(code, 1002 | 1009)),
        Some(1007) => assert!(code == 1007 || matches!(refused, Refused::Close)),
        Some(theirs) => assert_eq!(code, theirs),
        None => match refused {
            Refused::Close => assert_eq!(theirs.close, Some((1002, "Protocol violation".into()))),
            Refused::Unfinished => assert_eq!(theirs.close, None),
            other => panic!("only we refuse it: {code}, {other:?}"),
        },
    }
}

/// What is special about the bytes, up to the first close frame.
#[derive(Debug)]
enum Refused {
    /// A length is not in its shortest form.
    LongForm,
    /// They end with a close frame whose code may not be sent.
    Close,
    /// They end inside a frame, or inside a text.
    Unfinished,
    Nothing,
}

impl Refused {
    fn find(mut bytes: &[u8]) -> Refused {
        let mut in_message = false;
        loop {
            let (header, size) = match Header::parse(bytes) {
                Ok(Some(parsed)) => parsed,
                Ok(None) if bytes.is_empty() && !in_message => return Refused::Nothing,
                Ok(None) => return Refused::Unfinished,
                Err(_) => return Refused::LongForm,
            };
            let payload = usize::try_from(header.length)
                .ok()
                .and_then(|length| bytes[size..].split_at_checked(length));
            let Some((payload, rest)) = payload else {
                return Refused::Unfinished;
            };
            match header.first & 0xF {
                0..=2 => in_message = header.first & 0x80 == 0,
                8 => {
                    let mut payload = payload.to_vec();
                    apply_mask(&mut payload, header.mask.unwrap_or_default(), 0);
                    if let Some(code) = payload.first_chunk()
                        && !CloseCode::from(u16::from_be_bytes(*code)).is_sendable()
                    {
                        return Refused::Close;
                    }
                    return Refused::Nothing;
                }
                _ => {}
            }
            bytes = rest;
        }
    }
}

/// Whether `part` is `whole` with some left out.
fn is_part(part: &[Vec<u8>], whole: &[Vec<u8>]) -> bool {
    let mut whole = whole.iter();
    part.iter().all(|item| whole.any(|other| other == item))
}
