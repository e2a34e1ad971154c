use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use super::*;
use crate::backend::native::permessage_deflate::Direction;
use crate::backend::native::wire::deflate::Compressor;
use crate::backend::native::wire::mock::MockTransport;
use crate::error::ErrorKind;
use crate::grammar::floor_char_boundary;

const DIRECTION: Direction = Direction {
    window_bits: 15,
    context_takeover: true,
};

const MASK: [u8; 4] = [0x37, 0xFA, 0x21, 0x3D];

/// Reads once.
fn fill(
    decoder: &mut Decoder,
    peer: &mut MockTransport,
    cx: &mut Context<'_>,
) -> Poll<io::Result<usize>> {
    let mut lent = decoder.lend();
    let read = lent.poll_fill(Pin::new(peer), cx);
    decoder.give_back(lent);
    read
}

/// What came of some bytes: the control frames that tungstenite gets, what arrived in its order, the
/// violation's code.
#[derive(Debug, PartialEq, Eq)]
struct Outcome {
    controls: Vec<u8>,
    notes: Vec<String>,
    code: Option<u16>,
}

fn client(limits: Limits) -> Decoder {
    let options = Options::new().limits(limits).frames(true);
    Decoder::new(false, None, &options, Vec::new())
}

/// What a server's or a client's frames come to, after these early bytes.
fn of_peer(masks: bool, read_buffer_size: Option<usize>, early: &[u8]) -> Decoder {
    let options = Options::new().frames(true);
    let options = options.read_buffer_size(read_buffer_size);
    Decoder::new(masks, None, &options, early.to_vec())
}

fn feed<'a>(
    decoder: &mut Decoder,
    pieces: impl IntoIterator<Item = &'a [u8]>,
    room: usize,
) -> Outcome {
    let pieces = pieces.into_iter().filter(|piece| !piece.is_empty());
    let mut peer = MockTransport::giving(pieces);
    let mut outcome = Outcome {
        controls: Vec::new(),
        notes: Vec::new(),
        code: None,
    };
    loop {
        while let Some(arrived) = decoder.next(&mut Turn::unlimited()) {
            outcome.notes.push(match arrived {
                Decoded::Frame(frame) => format!(
                    "{}{} {}",
                    if frame.is_text { "text" } else { "binary" },
                    if frame.is_last { "." } else { "" },
                    String::from_utf8_lossy(&frame.payload)
                ),
                Decoded::Message(message) => shown(&message),
                Decoded::Control => "Control".into(),
                Decoded::Close(close) => format!("{close:?}"),
            });
            let mut out = vec![0; room];
            loop {
                match decoder.pass_control(&mut out) {
                    0 => break,
                    passed => outcome.controls.extend_from_slice(&out[..passed]),
                }
            }
        }
        if decoder.ended != Ended::No {
            break;
        }
        let mut cx = Context::from_waker(Waker::noop());
        match fill(decoder, &mut peer, &mut cx) {
            Poll::Ready(read) => assert!(read.unwrap() > 0),
            Poll::Pending => break,
        }
    }
    outcome.code = decoder.violation().map(|violation| violation.code.get());
    outcome
}

fn shown(message: &crate::Message) -> String {
    match message {
        crate::Message::Text(text) => format!("Text {text}"),
        crate::Message::Binary(data) => format!("Binary {}", data.len()),
    }
}

/// What comes of these bytes from a server.
fn receive(bytes: &[u8]) -> Outcome {
    feed(&mut client(Limits::new()), [bytes], 4096)
}

fn encode(first: u8, payload: &[u8], mask: Option<[u8; 4]>) -> Vec<u8> {
    let mut bytes = Vec::new();
    frame::write_header(&mut bytes, first, payload.len(), mask);
    let start = bytes.len();
    bytes.extend_from_slice(payload);
    if let Some(mask) = mask {
        frame::apply_mask(&mut bytes[start..], mask, 0);
    }
    bytes
}

/// A frame of a server.
fn plain(first: u8, payload: impl AsRef<[u8]>) -> Vec<u8> {
    encode(first, payload.as_ref(), None)
}

fn close(code: u16, reason: &[u8]) -> Vec<u8> {
    plain(FIN | CLOSE, [&code.to_be_bytes(), reason].concat())
}

/// All kinds of frames, those of the server or of the client.
fn conversation(mask: Option<[u8; 4]>) -> Vec<u8> {
    let (first, second) = "a€😀é".as_bytes().split_at(6);
    [
        encode(FIN | TEXT, "grün".as_bytes(), mask),
        encode(TEXT, first, mask),
        encode(FIN | PING, b"between", mask),
        encode(CONTINUATION, b"", mask),
        encode(FIN | CONTINUATION, second, mask),
        encode(FIN | BINARY, b"", mask),
        encode(FIN | BINARY, &[0xFF; 300], mask),
        encode(FIN | PONG, &[b'x'; 125], mask),
        encode(FIN | CLOSE, b"\x03\xE8bye", mask),
    ]
    .concat()
}

#[test]
fn everything_arrives_plain_and_in_its_order() {
    for peer_masks in [false, true] {
        let mut decoder = of_peer(peer_masks, None, b"");
        let bytes = conversation(peer_masks.then_some(MASK));
        let outcome = feed(&mut decoder, [&bytes[..]], 4096);
        let controls = [
            plain(FIN | PING, b"between"),
            plain(FIN | PONG, [b'x'; 125]),
            close(1000, b"bye"),
        ];
        assert_eq!(outcome.controls, controls.concat());
        assert_eq!(outcome.code, None);
        assert_eq!(
            outcome.notes,
            [
                "text. grün",
                "Text grün",
                // The first two bytes of 😀 come with its end.
                "text a€",
                "Control",
                "text ",
                "text. 😀é",
                "Text a€😀é",
                "binary. ",
                "Binary 0",
                &format!("binary. {}", "\u{FFFD}".repeat(300)),
                "Binary 300",
                "Control",
                "Some(Close(1000, \"bye\"))",
            ]
        );
    }
}

#[test]
fn it_does_not_matter_how_the_bytes_arrive() {
    for mask in [None, Some(MASK)] {
        let bytes = conversation(mask);
        let new = |size| of_peer(mask.is_some(), size, b"");
        let expected = feed(&mut new(None), [&bytes[..]], 4096);
        for split in 0..=bytes.len() {
            let (left, right) = bytes.split_at(split);
            let outcome = feed(&mut new(None), [left, right], 4096);
            assert_eq!(outcome, expected, "split at {split}");
            let mut early = of_peer(mask.is_some(), None, left);
            let outcome = feed(&mut early, [right], 4096);
            assert_eq!(outcome, expected, "the first {split} bytes were early");
        }
        for (size, room) in [(1, 4096), (1, 1), (3, 2), (7, 14), (200, 1)] {
            let outcome = feed(&mut new(None), bytes.chunks(size), room);
            assert_eq!(outcome, expected, "{size} bytes into {room}");
        }
        // The smallest read buffer; a frame larger than that still gets through.
        assert_eq!(feed(&mut new(Some(1)), [&bytes[..]], 4096), expected);
    }
}

/// Without the wish for frames, a message that is there as a whole takes a shorter way.
#[test]
fn messages_are_the_same_without_their_frames() {
    let sizes = [
        0, 1, 125, 126, 1024, 1025, 4096, 16_000, 17_000, 65_535, 65_536, 70_000, 200_000,
    ];
    for mask in [None, Some(MASK)] {
        let mut bytes = conversation(mask);
        let close = bytes.split_off(bytes.len() - encode(FIN | CLOSE, b"\x03\xE8bye", mask).len());
        for size in sizes
            .into_iter()
            .chain([1, 20, 300, 17_000, 10, 40_000, 65_536, 3])
        {
            let text = "é".repeat(size / 2);
            bytes.extend(encode(FIN | TEXT, text.as_bytes(), mask));
            bytes.extend(encode(FIN | BINARY, &vec![size as u8; size], mask));
        }
        bytes.extend(close);
        let new = |frames| {
            let options = Options::new().frames(frames);
            Decoder::new(mask.is_some(), None, &options, Vec::new())
        };
        let mut expected = feed(&mut new(true), [&bytes[..]], 4096);
        expected.notes.retain(|note| !note.starts_with(['t', 'b']));
        for size in [1, 1000, 65_536, usize::MAX] {
            let outcome = feed(&mut new(false), bytes.chunks(size.min(bytes.len())), 4096);
            assert!(outcome == expected, "pieces of {size}");
        }
    }
}

#[test]
fn what_is_wrong_is_seen_without_frames_too() {
    for (bytes, code) in [
        (plain(FIN | TEXT, [0xFF]), 1007),
        (plain(FIN | TEXT, b"end \xE2\x82"), 1007),
        (plain(FIN | BINARY, [0; 11]), 1009),
        (plain(FIN | 0x40 | TEXT, "a"), 1002),
        (plain(FIN | CONTINUATION, "a"), 1002),
    ] {
        let options = Options::new().limits(Limits::new().incoming_message(10));
        let mut decoder = Decoder::new(false, None, &options, Vec::new());
        let good = plain(FIN | TEXT, "good");
        let outcome = feed(
            &mut decoder,
            [&[&good[..], &bytes, &good].concat()[..]],
            4096,
        );
        assert_eq!(
            (outcome.code, outcome.notes),
            (Some(code), vec!["Text good".into()])
        );
    }
}

#[test]
fn the_claim_of_a_length_costs_little() {
    let mut decoder = of_peer(false, None, b"");
    let mut header = Vec::new();
    frame::write_header(&mut header, FIN | BINARY, 1 << 30, None);
    header.extend_from_slice(&[7; 1000]);
    feed(&mut decoder, [&header[..]], 4096);
    let message = decoder.message.unwrap();
    assert_eq!(message.payload.len(), 1000);
    assert!(message.payload.capacity() <= 128 * 1024);
}

/// A frame that waits for its end in the buffer goes another way when that becomes too small.
#[test]
fn the_read_buffer_may_shrink_while_a_frame_waits() {
    let options = Options::new();
    let mut decoder = Decoder::new(false, None, &options, Vec::new());
    let message = plain(FIN | BINARY, [7; 40_000]);
    let (begin, end) = message.split_at(20_000);
    assert!(feed(&mut decoder, [begin], 4096).notes.is_empty());
    decoder.set_read_buffer_size(Some(500));
    let outcome = feed(&mut decoder, [end], 4096);
    assert_eq!(outcome.notes, ["Binary 40000"]);
}

/// Each begins with a good message, which has to be delivered, and is followed by another one,
/// which must not be.
fn assert_violation(code: u16, what: &str, bytes: &[u8]) {
    let good = plain(FIN | TEXT, "good");
    let stream = [&good[..], bytes, &good].concat();
    for room in [1, 4096] {
        let outcome = feed(&mut client(Limits::new()), [&stream[..]], room);
        assert_eq!(outcome.code, Some(code), "{what}");
        assert_eq!(outcome.notes[..2], ["text. good", "Text good"], "{what}");
        let messages = outcome.notes.iter().filter(|note| note.starts_with("Text"));
        assert_eq!(messages.count(), 1, "{what}");
    }
}

#[test]
fn what_breaks_the_protocol_is_1002() {
    for rsv in [0x40, 0x20, 0x10, 0x70] {
        for opcode in [TEXT, BINARY, PING, CLOSE] {
            assert_violation(1002, "reserved bit", &plain(FIN | rsv | opcode, ""));
        }
    }
    for opcode in [3, 4, 5, 6, 7, 11, 12, 13, 14, 15] {
        assert_violation(1002, "reserved opcode", &plain(FIN | opcode, ""));
    }
    for opcode in [CLOSE, PING, PONG] {
        assert_violation(1002, "fragmented control", &plain(opcode, ""));
        assert_violation(1002, "long control", &plain(FIN | opcode, [0; 126]));
    }
    assert_violation(1002, "no start", &plain(CONTINUATION, "a"));
    assert_violation(1002, "no start", &plain(FIN, "a"));
    for (first, second) in [(TEXT, TEXT), (TEXT, BINARY), (BINARY, TEXT)] {
        let inside = [plain(first, "a"), plain(FIN | second, "b")].concat();
        assert_violation(1002, "message inside a message", &inside);
    }
    let over = [plain(TEXT, ""), plain(FIN, ""), plain(FIN, "")].concat();
    assert_eq!(receive(&over).code, Some(1002));
    for length in [
        &b"\x82\x7E\x00\x7D"[..],
        b"\x82\x7F\x00\x00\x00\x00\x00\x00\xFF\xFF",
        b"\x82\x7F\x00\x00\x00\x00\x00\x00\x00\x01",
        b"\x82\x7F\x80\x00\x00\x00\x00\x00\x00\x00",
        b"\x82\x7F\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF",
    ] {
        assert_violation(1002, "length", length);
    }
    assert_violation(1002, "masked", &encode(FIN | TEXT, b"a", Some(MASK)));
    assert_violation(1002, "masked", &encode(FIN | PING, b"", Some([0; 4])));
}

#[test]
fn a_client_has_to_mask() {
    for first in [FIN | TEXT, FIN | PING, FIN | CLOSE, BINARY] {
        let mut decoder = of_peer(true, None, b"");
        let bytes = [encode(FIN | TEXT, b"good", Some(MASK)), plain(first, "")].concat();
        let outcome = feed(&mut decoder, [&bytes[..]], 4096);
        assert_eq!(outcome.code, Some(1002));
        assert_eq!(outcome.notes, ["text. good", "Text good"]);
    }
}

#[test]
fn close_frames_are_checked() {
    assert_violation(1002, "one byte", &plain(FIN | CLOSE, [3]));
    for code in [0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, u16::MAX] {
        assert_violation(1002, &code.to_string(), &close(code, b""));
    }
    for reason in [&b"\xFF"[..], b"ok\xC3", b"\xED\xA0\x80"] {
        assert_violation(1007, "reason", &close(1000, reason));
    }
    let masked = encode(FIN | CLOSE, b"\x03\xED", Some(MASK));
    let mut decoder = of_peer(true, None, b"");
    assert_eq!(feed(&mut decoder, [&masked[..]], 4096).code, Some(1002));

    let codes = [1000, 1001, 1002, 1003, 1007, 1010, 1014, 3000, 4999];
    let good = codes.map(|code| {
        let note = format!("Some(Close({code}, \"tschüß\"))");
        (close(code, "tschüß".as_bytes()), note)
    });
    let empty = (plain(FIN | CLOSE, ""), "None".to_owned());
    for (good, note) in good.into_iter().chain([empty]) {
        let outcome = receive(&[&good[..], &plain(FIN | TEXT, "dropped")].concat());
        assert_eq!((outcome.controls, outcome.code), (good, None));
        assert_eq!(outcome.notes, [note]);
    }
}

#[test]
fn text_that_is_not_utf8_is_1007() {
    let surrogate = &b"\xED\xA0\x80"[..];
    for bad in [
        surrogate,
        b"\xFF",
        b"\xC0\x80",
        b"\xF4\x90\x80\x80",
        b"end \xE2\x82",
    ] {
        assert_violation(1007, "text", &plain(FIN | TEXT, bad));
        let (left, right) = bad.split_at(bad.len() / 2);
        let fragments = [plain(TEXT, left), plain(FIN | CONTINUATION, right)].concat();
        assert_violation(1007, "fragments", &fragments);
        assert_eq!(receive(&plain(FIN | BINARY, bad)).code, None);
    }
    // Noticed before the frame, let alone the message, is there.
    let begun = plain(TEXT, [0xFF; 1000]);
    assert_eq!(receive(&begun[..10]).code, Some(1007));
}

#[test]
fn text_may_be_split_anywhere() {
    let text = "aé€😀\u{FEFF}ß";
    for first in 0..=text.len() {
        for second in first..=text.len() {
            let bytes = text.as_bytes();
            let one = plain(TEXT, &bytes[..first]);
            let two = plain(CONTINUATION, &bytes[first..second]);
            let three = plain(FIN | CONTINUATION, &bytes[second..]);
            let notes = receive(&[one, two, three].concat()).notes;
            let cut = |at: usize| floor_char_boundary(text, at);
            assert_eq!(notes[0], format!("text {}", &text[..cut(first)]));
            assert_eq!(notes[1], format!("text {}", &text[cut(first)..cut(second)]));
            assert_eq!(notes[2], format!("text. {}", &text[cut(second)..]));
            assert_eq!(notes[3..], [format!("Text {text}")]);
        }
    }
}

#[test]
fn a_size_equal_to_its_limit_passes_and_one_byte_more_fails_at_the_header() {
    let limits = Limits::new().incoming_frame(200).incoming_message(300);
    let too_large = |stream: &[u8]| feed(&mut client(limits), [stream], 4096).code;
    for opcode in [TEXT, BINARY] {
        let message = [plain(opcode, [b'a'; 200]), plain(FIN, [b'a'; 100])].concat();
        assert_eq!(too_large(&message), None);
        // Nothing of the payload is there yet.
        let first = plain(FIN | opcode, [b'a'; 201]);
        assert_eq!(too_large(&first[..4]), Some(1009));
        let first = plain(opcode, [b'a'; 200]);
        let second = plain(FIN, [b'a'; 101]);
        assert_eq!(too_large(&[&first[..], &second[..1]].concat()), None);
        assert_eq!(too_large(&[&first[..], &second[..2]].concat()), Some(1009));
    }
    // The longest length there is does not overflow anything.
    let longest = b"\x01\x01a\x00\x7F\x7F\xFF\xFF\xFF\xFF\xFF\xFF\xFF";
    assert_eq!(receive(longest).code, Some(1009));
}

/// A compressed frame of so many zeros, which is a small one on the wire.
fn deflated(length: usize, fin: u8) -> Vec<u8> {
    let mut compressor = Compressor::new(DIRECTION, 6, 0).unwrap();
    let payload = compressor.compress(&vec![0; length], fin == FIN);
    plain(fin | RSV1 | BINARY, payload)
}

#[test]
fn an_inflated_frame_keeps_to_the_limit_of_frames_that_are_told() {
    let limits = Limits::new().incoming_frame(100_000);
    let receive = |options: Options, stream: &[u8]| {
        let inflater = Some(Inflater::new(DIRECTION));
        let options = options.limits(limits);
        let mut decoder = Decoder::new(false, inflater, &options, Vec::new());
        feed(&mut decoder, [stream], 4096).code
    };
    for fin in [FIN, 0] {
        let (fits, over) = (deflated(100_000, fin), deflated(100_001, fin));
        for options in [Options::new().frames(true), Options::new().messages(false)] {
            assert_eq!(receive(options.clone(), &fits), None);
            assert_eq!(receive(options, &over), Some(1009));
        }
        assert_eq!(receive(Options::new(), &over), None);
    }
}

#[test]
fn a_message_in_fragments_is_moved_seldom() {
    let mut message = Message::new(false, false);
    let mut moves = 0;
    for _ in 0..100_000 {
        let before = message.payload.capacity();
        message.keep(&[7; 16], 0, false, usize::MAX);
        moves += usize::from(message.payload.capacity() != before);
    }
    assert!(moves < 30, "{moves}");
}

#[test]
fn a_short_message_does_not_keep_the_room_for_a_long_one() {
    let mut compressor = Compressor::new(DIRECTION, 6, 0).unwrap();
    let options = Options::new();
    let mut decoder = Decoder::new(false, Some(Inflater::new(DIRECTION)), &options, Vec::new());
    let stream = plain(FIN | RSV1 | BINARY, compressor.compress(&[7; 50], true));
    let mut peer = MockTransport::giving([&stream[..]]);
    let mut cx = Context::from_waker(Waker::noop());
    assert!(fill(&mut decoder, &mut peer, &mut cx).is_ready());
    let Some(Decoded::Message(crate::Message::Binary(data))) = decoder.next(&mut Turn::unlimited())
    else {
        panic!("it is there");
    };
    assert_eq!(&data[..], [7; 50]);
    let data = data.try_into_mut().expect("nobody shares it");
    assert!(data.capacity() <= 100, "{}", data.capacity());
}

#[test]
fn limits_change_from_the_next_frame_on_and_spare_control_frames() {
    let mut decoder = client(Limits::new());
    let message = plain(FIN | BINARY, [0; 50]);
    feed(&mut decoder, [&message[..10]], 4096);
    decoder.set_limits(Limits::new().incoming_frame(0).incoming_message(0));
    let rest = [plain(FIN | PING, [0; 125]), plain(FIN | TEXT, "")].concat();
    let outcome = feed(&mut decoder, [&message[10..], &rest[..]], 4096);
    assert_eq!(outcome.notes.last().unwrap(), "Text ");
    assert_eq!(outcome.code, None);
    let outcome = feed(&mut decoder, [&plain(FIN | TEXT, "a")[..]], 4096);
    assert_eq!(outcome.code, Some(1009));
}

#[test]
fn violations_name_their_kind_and_fit_into_a_close_frame() {
    for (bytes, kind) in [
        (plain(FIN | 3, ""), ErrorKind::Protocol),
        (plain(FIN | TEXT, [0xFF]), ErrorKind::Protocol),
        (plain(FIN | BINARY, [0; 11]), ErrorKind::TooLarge),
    ] {
        let mut decoder = client(Limits::new().incoming_message(10));
        feed(&mut decoder, [&bytes[..]], 4096);
        let violation = decoder.violation().unwrap();
        assert_eq!(violation.kind(), kind);
        assert!((1..=crate::Close::MAX_REASON).contains(&violation.reason.len()));
    }
}
