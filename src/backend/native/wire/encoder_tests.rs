use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicU32, Ordering};
use std::task::{Context, Waker, ready};

use super::frame::{BINARY, Header, PING, TEXT};
use super::*;
use crate::backend::native::transport::Transport;
use crate::backend::native::wire::mock::MockTransport;
use crate::options::limits::Limits;

/// Masks that count: 0, 1, 2 …
#[derive(Debug, Default)]
struct Counting(AtomicU32);

impl MaskGenerator for Counting {
    fn next_mask(&self) -> [u8; 4] {
        self.0.fetch_add(1, Ordering::Relaxed).to_be_bytes()
    }
}

/// The queue of a client, who masks, or of a server.
fn new(masks: bool, frame_size: usize) -> Encoder {
    let options = Options::new().mask_generator(Arc::<Counting>::default());
    let options = options.limits(Limits::new().outgoing_frame(frame_size));
    let mut encoder = Encoder::new(masks, None, &options);
    supply_masks(&mut encoder);
    encoder
}

/// As the driver does it before a message is queued.
fn supply_masks(encoder: &mut Encoder) {
    let Some(generator) = encoder.generator().cloned() else {
        return;
    };
    for _ in 0..1000 {
        encoder.supply_mask(generator.next_mask());
    }
}

/// Writes as much as the transport takes, and adds it to `count`.
fn poll_write(
    encoder: &mut Encoder,
    mut transport: Pin<&mut dyn Transport>,
    cx: &mut Context<'_>,
    count: &mut usize,
) -> Poll<io::Result<()>> {
    loop {
        match encoder.next_write() {
            Write::Nothing => return Poll::Ready(Ok(())),
            Write::Mask => {
                let mask = encoder.generator().unwrap().next_mask();
                encoder.supply_mask(mask);
            }
            Write::Flush => {
                ready!(transport.as_mut().poll_flush(cx))?;
                encoder.flushed();
            }
            Write::Bytes => {
                let Writing { mut buffer, is_all } = encoder.lend();
                let called = port::poll_write(&mut buffer, is_all, transport.as_mut(), cx);
                encoder.give_back(buffer);
                match called.moved {
                    Poll::Ready(Ok(0)) => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                    Poll::Ready(Ok(bytes)) => {
                        encoder.wrote(Poll::Ready(bytes));
                        *count += bytes;
                        if let Some(flushed) = called.flushed {
                            ready!(flushed)?;
                            encoder.flushed();
                        }
                    }
                    Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
                    Poll::Pending => {
                        encoder.wrote(Poll::Pending);
                        return Poll::Pending;
                    }
                }
            }
        }
    }
}

/// Writes once: whether all is written, and how many bytes were.
fn write(encoder: &mut Encoder, peer: &mut MockTransport) -> (bool, usize) {
    let mut count = 0;
    let mut cx = Context::from_waker(Waker::noop());
    let result = poll_write(encoder, Pin::new(peer), &mut cx, &mut count);
    (result.map(Result::unwrap).is_ready(), count)
}

/// Writes until all is written.
fn drain(encoder: &mut Encoder, peer: &mut MockTransport) {
    while !write(encoder, peer).0 {}
    assert!(encoder.is_empty());
}

/// All that is queued, as it goes to a peer who takes everything.
fn bytes(encoder: &mut Encoder) -> Vec<u8> {
    let mut peer = MockTransport::taking(&[usize::MAX]);
    drain(encoder, &mut peer);
    peer.taken
}

/// The frames of a stream, unmasked.
fn frames(mut bytes: &[u8]) -> Vec<(Header, Vec<u8>)> {
    let mut frames = Vec::new();
    while !bytes.is_empty() {
        let (header, size) = frame::parse(bytes).unwrap().expect("a whole header");
        let end = size + header.length as usize;
        let mut payload = bytes[size..end].to_vec();
        if let Some(mask) = header.mask {
            frame::apply_mask(&mut payload, mask, 0);
        }
        frames.push((header, payload));
        bytes = &bytes[end..];
    }
    frames
}

/// The same in short: opcode, FIN, length.
fn outline(bytes: &[u8]) -> Vec<(u8, bool, u64)> {
    let frames = frames(bytes).into_iter();
    frames.map(|(h, _)| (h.opcode, h.fin, h.length)).collect()
}

fn pattern(length: usize) -> Bytes {
    let period: Vec<u8> = (0..251).collect();
    let mut bytes = period.repeat(length / 251 + 1);
    bytes.truncate(length);
    bytes.into()
}

fn close_payload(code: u16) -> Bytes {
    Bytes::copy_from_slice(&code.to_be_bytes())
}

#[test]
fn the_size_on_the_wire_is_told_beforehand() {
    for frame_size in [1, 2, 125, 126, 127, 65535, 65536, 524288] {
        for length in [0, 1, 125, 126, 127, 16384, 16385, 65536] {
            for mut encoder in [new(true, frame_size), new(false, frame_size)] {
                let size = encoder.wire_size(length);
                encoder.push_message(BINARY, pattern(length));
                assert_eq!(encoder.len(), size, "{length} by {frame_size}");
                let written = bytes(&mut encoder).len();
                assert_eq!(written, size, "{length} by {frame_size}");
            }
        }
    }
}

#[test]
fn a_long_message_is_split_into_frames_that_make_it_up() {
    for frame_size in [1, 125, 4096, 70_000, 100_000, 200_000] {
        let mut encoder = new(true, frame_size);
        encoder.push_message(TEXT, pattern(100_000));
        let frames = frames(&bytes(&mut encoder));
        assert_eq!(frames.len(), 100_000_usize.div_ceil(frame_size));
        for (index, (header, payload)) in frames.iter().enumerate() {
            let opcode = if index == 0 { TEXT } else { CONTINUATION };
            assert_eq!(header.opcode, opcode);
            assert_eq!(header.fin, index + 1 == frames.len());
            assert!(payload.len() <= frame_size);
        }
        let whole = frames.into_iter().flat_map(|(_, payload)| payload);
        assert!(whole.eq(pattern(100_000)));
    }
}

#[test]
fn controls_go_between_fragments_but_never_into_one() {
    let mut encoder = new(false, 100_000);
    encoder.push_message(BINARY, pattern(250_000));
    let mut peer = MockTransport::full_after(10);
    assert_eq!(write(&mut encoder, &mut peer), (false, 10));
    encoder.push_control(PING, "now".into());
    encoder.push_control(PONG, "too".into());
    peer.turns = vec![usize::MAX];
    drain(&mut encoder, &mut peer);
    assert_eq!(
        outline(&peer.taken),
        [
            (BINARY, false, 100_000),
            (PING, true, 3),
            (PONG, true, 3),
            (CONTINUATION, false, 100_000),
            (CONTINUATION, true, 50_000),
        ]
    );
}

#[test]
fn a_close_frame_goes_last_and_nothing_follows() {
    let mut encoder = new(true, 100_000);
    encoder.push_message(TEXT, "a control does not overtake small ones".into());
    encoder.push_message(BINARY, pattern(150_000));
    encoder.push_control(PING, "p".into());
    encoder.push_message(TEXT, "last words".into());
    encoder.push_close(close_payload(1000));
    let length = encoder.len();
    encoder.push_control(PING, "too late".into());
    encoder.push_close(close_payload(1001));
    assert_eq!(encoder.len(), length);
    let bytes = bytes(&mut encoder);
    assert_eq!(bytes.len(), length);
    let frames = frames(&bytes);
    let opcodes: Vec<u8> = frames.iter().map(|(header, _)| header.opcode).collect();
    assert_eq!(opcodes, [TEXT, PING, BINARY, CONTINUATION, TEXT, CLOSE]);
    assert_eq!(frames.last().unwrap().1, close_payload(1000));
    encoder.push_control(PING, "after the end".into());
    assert!(encoder.is_empty());
}

/// Begins a message of three frames, lets `begun` bytes of it leave, cuts it short and closes.
fn cut_after(begun: usize) -> Vec<(u8, bool, u64)> {
    let mut encoder = new(true, 100_000);
    encoder.push_message(TEXT, "small".into());
    encoder.push_message(BINARY, pattern(250_000));
    encoder.push_control(PING, "p".into());
    encoder.push_message(TEXT, "never".into());
    let mut peer = MockTransport::full_after(begun.max(1));
    if begun > 0 {
        write(&mut encoder, &mut peer);
    }
    encoder.discard_unsent();
    encoder.push_close(close_payload(1002));
    let whole = peer.taken.len() + encoder.len();
    peer.turns = vec![4096, 0, 7];
    drain(&mut encoder, &mut peer);
    assert_eq!(peer.taken.len(), whole, "cut after {begun}");
    outline(&peer.taken)
}

#[test]
fn cutting_short_finishes_only_the_frame_that_has_begun() {
    let small = (TEXT, true, 5);
    let close = (CLOSE, true, 2);
    // Nothing of the large message is encoded before the first write.
    assert_eq!(cut_after(0), [small, close]);
    for begun in [1, 20, 30_000] {
        let outline = cut_after(begun);
        assert_eq!(outline.first(), Some(&small), "{begun}: {outline:?}");
        assert_eq!(outline.last(), Some(&close), "{begun}: {outline:?}");
        let between = &outline[1..outline.len() - 1];
        assert_eq!(between, [(PING, true, 1), (BINARY, false, 100_000)]);
    }
}

#[test]
fn cutting_short_keeps_a_close_frame_that_waits() {
    let mut encoder = new(true, 100_000);
    encoder.push_message(BINARY, pattern(250_000));
    let mut peer = MockTransport::full_after(10);
    write(&mut encoder, &mut peer);
    encoder.push_close(close_payload(1000));
    encoder.discard_unsent();
    encoder.push_close(close_payload(1002));
    peer.turns = vec![usize::MAX];
    drain(&mut encoder, &mut peer);
    assert_eq!(outline(&peer.taken)[1..], [(CLOSE, true, 2)]);
}

/// All kinds of things in the queue.
fn fill_queue(encoder: &mut Encoder) {
    encoder.push_message(TEXT, "first".into());
    encoder.push_control(PING, "are you there?".into());
    encoder.push_message(BINARY, pattern(150_000));
    encoder.push_message(TEXT, Bytes::new());
    encoder.push_message(BINARY, pattern(20_000));
    encoder.push_control(PONG, pattern(125));
    encoder.push_message(TEXT, pattern(3));
    encoder.push_close(close_payload(4000));
}

#[test]
fn partial_writes_change_nothing_and_every_byte_is_counted() {
    let fixed = [1, 7, 4095, 32_767, 32_768, 65_535, 65_536, 65_537];
    let fixed = fixed.into_iter().flat_map(|n| [vec![n], vec![n, 0]]);
    let mixed = [vec![2, 3, 5, 7], vec![0, 1000, 0, 0, 1]];
    for (turns, frame_size) in fixed
        .chain(mixed)
        .zip([1000, 65_536, 524_288].iter().cycle())
    {
        let mut encoder = new(true, *frame_size);
        fill_queue(&mut encoder);
        let expected = bytes(&mut encoder);
        let mut encoder = new(true, *frame_size);
        fill_queue(&mut encoder);
        let mut peer = MockTransport::taking(&turns);
        let mut sum = 0;
        let mut done = false;
        while !done {
            let (ready, count) = write(&mut encoder, &mut peer);
            sum += count;
            done = ready;
            assert_eq!(sum, peer.taken.len());
            assert_eq!(sum + encoder.len(), expected.len());
        }
        assert!(peer.taken == expected, "{frame_size} by {turns:?}");
        assert_eq!(write(&mut encoder, &mut peer), (true, 0));
    }
}

#[test]
fn many_small_messages_survive_partial_writes() {
    for turns in [
        &[usize::MAX][..],
        &[100_000, 0, 3],
        &[65_536],
        &[65_535, 2, 0],
    ] {
        let mut encoder = new(true, 524_288);
        for number in 0..50_000_u32 {
            encoder.push_message(BINARY, number.to_be_bytes().to_vec().into());
        }
        let mut peer = MockTransport::taking(turns);
        drain(&mut encoder, &mut peer);
        let frames = frames(&peer.taken);
        let numbers = frames.iter().map(|(_, payload)| payload.as_slice());
        assert!(
            numbers.eq((0..50_000_u32).map(u32::to_be_bytes)),
            "{turns:?}"
        );
    }
}

#[test]
fn what_waits_unencoded_counts_towards_the_high_water_mark() {
    let mut encoder = new(true, 524_288);
    for _ in 0..4 {
        assert!(!encoder.is_above_high_water());
        encoder.push_message(BINARY, pattern(65_536));
    }
    assert!(encoder.is_above_high_water());
    // Who takes nothing is not asked at each message.
    write(&mut encoder, &mut MockTransport::taking(&[0]));
    encoder.push_message(BINARY, pattern(65_536));
    assert!(!encoder.is_above_high_water());
}

#[test]
fn a_message_of_64_kib_leaves_in_one_write() {
    for (masks, size) in [(true, 65_536 + 14), (false, 65_536 + 10)] {
        let mut encoder = new(masks, 524_288);
        encoder.push_message(BINARY, pattern(65_536));
        assert_eq!(encoder.next_write(), Write::Bytes);
        let mut peer = MockTransport::taking(&[usize::MAX]);
        let mut cx = Context::from_waker(Waker::noop());
        let called = encoder.poll_write(Pin::new(&mut peer), &mut cx);
        assert!(matches!(called.moved, Poll::Ready(Ok(bytes)) if bytes == size));
    }
}

#[test]
fn only_the_write_of_the_last_byte_is_flushed() {
    for (length, turn, is_flushed) in [
        (10, usize::MAX, true),
        (10, 5, false),
        (65_536, usize::MAX, true),
        (65_537, usize::MAX, false),
    ] {
        let mut encoder = new(true, 524_288);
        encoder.push_message(BINARY, pattern(length));
        assert_eq!(encoder.next_write(), Write::Bytes);
        let mut peer = MockTransport::taking(&[turn]);
        let mut cx = Context::from_waker(Waker::noop());
        let called = encoder.poll_write(Pin::new(&mut peer), &mut cx);
        assert_eq!(called.flushed.is_some(), is_flushed, "{length}, {turn}");
    }
}

#[test]
fn what_is_written_takes_no_memory_though_the_queue_never_runs_empty() {
    let mut encoder = new(true, 524_288);
    let mut peer = MockTransport::taking(&[20_000, 0]);
    encoder.push_message(BINARY, pattern(10_000));
    for _ in 0..1000 {
        encoder.push_message(BINARY, pattern(9_992));
        encoder.push_message(BINARY, pattern(9_992));
        write(&mut encoder, &mut peer);
        assert!(!encoder.is_empty());
        assert!(encoder.write_buffer.capacity() <= 3 * pool::SIZE);
    }
    for _ in 0..10_000 {
        encoder.push_message(TEXT, "x".into());
    }
    drain(&mut encoder, &mut peer);
    assert!(encoder.ends.capacity() <= KEPT);
}

#[test]
fn the_queue_is_empty_when_the_transport_is_flushed() {
    let mut encoder = new(true, 1000);
    encoder.push_message(TEXT, "x".into());
    let mut peer = MockTransport::taking(&[usize::MAX]);
    peer.holds_back = true;
    let size = encoder.len();
    assert_eq!(write(&mut encoder, &mut peer), (false, size));
    assert_eq!(encoder.len(), 0);
    assert!(!encoder.is_empty());
    peer.holds_back = false;
    drain(&mut encoder, &mut peer);
}

#[test]
fn pongs_for_a_peer_that_does_not_read_are_bounded_and_the_newest_is_kept() {
    let mut encoder = new(false, 1 << 20);
    encoder.push_message(BINARY, pattern(200_000));
    encoder.push_control(PING, "ours".into());
    let mut peer = MockTransport::full_after(10);
    write(&mut encoder, &mut peer);
    for number in 0..10_000_u32 {
        // Payloads of all lengths: a pong that is replaced may be shorter than the next.
        let mut payload = pattern(number as usize % 126).to_vec();
        payload.splice(..payload.len().min(4), number.to_be_bytes());
        payload.truncate(125);
        encoder.push_control(PONG, payload.into());
    }
    let whole = peer.taken.len() + encoder.len();
    peer.turns = vec![usize::MAX];
    drain(&mut encoder, &mut peer);
    assert_eq!(peer.taken.len(), whole);
    let frames = frames(&peer.taken);
    let pongs: Vec<_> = frames.iter().filter(|(h, _)| h.opcode == PONG).collect();
    assert_eq!(pongs.len(), MAX_PONGS);
    assert!(pongs[MAX_PONGS - 1].1.starts_with(&9999_u32.to_be_bytes()));
    assert!(frames.iter().any(|(_, payload)| payload == b"ours"));
    // Without a message in front they are encoded at once, as long as the buffer has room.
    for _ in 0..10_000 {
        encoder.push_control(PONG, pattern(125));
    }
    assert!(encoder.len() <= pool::SIZE + (MAX_PONGS + 1) * 127);
}

#[test]
fn a_mask_is_asked_for_once_per_frame_in_their_order() {
    for turns in [&[usize::MAX][..], &[1], &[100, 0]] {
        let mut encoder = new(true, 10_000);
        fill_queue(&mut encoder);
        let mut peer = MockTransport::taking(turns);
        drain(&mut encoder, &mut peer);
        let frames = frames(&peer.taken);
        assert!(frames.len() > 20);
        for (index, (header, _)) in frames.iter().enumerate() {
            // The first one is zero, and the mask bit is set all the same.
            assert_eq!(header.mask, Some((index as u32).to_be_bytes()));
        }
    }
}

#[test]
fn generator_and_frame_size_change_from_the_next_frame_on() {
    let mut encoder = new(true, 1000);
    encoder.push_message(TEXT, "a".into());
    encoder.set_frame_size(2);
    encoder.push_message(TEXT, "bcd".into());
    encoder.set_frame_size(1000);
    encoder.push_message(TEXT, "efg".into());
    encoder.set_generator(Some(Arc::new(Counting(AtomicU32::new(7)))));
    let told = frames(&bytes(&mut encoder)).into_iter();
    let told: Vec<_> = told.map(|(h, p)| (h.mask.unwrap()[3], p)).collect();
    let expected = [(0, "a"), (7, "bc"), (8, "d"), (9, "efg")];
    assert_eq!(told, expected.map(|(mask, text)| (mask, text.into())));
}

#[test]
fn a_ping_is_answered_while_and_after_the_close_frame_waits() {
    let mut encoder = new(true, 65_536);
    encoder.push_message(BINARY, pattern(100_000));
    encoder.push_close(close_payload(1000));
    encoder.push_control(PONG, "while".into());
    let mut peer = MockTransport::taking(&[usize::MAX]);
    drain(&mut encoder, &mut peer);
    assert!(encoder.is_close_written());
    encoder.push_control(PONG, "after".into());
    drain(&mut encoder, &mut peer);
    assert_eq!(
        outline(&peer.taken),
        [
            (PONG, true, 5),
            (BINARY, false, 65_536),
            (CONTINUATION, true, 34_464),
            (CLOSE, true, 2),
            (PONG, true, 5),
        ]
    );
}

#[test]
fn a_transport_that_takes_nothing_is_an_error() {
    let mut encoder = new(false, 1000);
    encoder.push_message(TEXT, "x".into());
    let mut cx = Context::from_waker(Waker::noop());
    let mut nowhere = futures::io::Cursor::new(&mut [][..]);
    let result = poll_write(&mut encoder, Pin::new(&mut nowhere), &mut cx, &mut 0);
    let Poll::Ready(Err(error)) = result else {
        panic!("{result:?}");
    };
    assert_eq!(error.kind(), io::ErrorKind::WriteZero);
}

#[test]
fn small_messages_do_not_overtake_a_control_frame_for_ever() {
    let mut encoder = new(true, 65_536);
    let behind_a_buffer = pool::SIZE / 1000 + 1;
    for _ in 0..behind_a_buffer {
        encoder.push_message(BINARY, pattern(1000));
    }
    encoder.push_control(PING, "one".into());
    encoder.push_control(PING, "two".into());
    for _ in 0..3 {
        encoder.push_message(BINARY, pattern(1000));
    }
    let outline = outline(&bytes(&mut encoder));
    let message = (BINARY, true, 1000);
    let ping = (PING, true, 3);
    assert!(outline[..behind_a_buffer].iter().all(|f| *f == message));
    let behind = &outline[behind_a_buffer..];
    assert_eq!(behind, [ping, message, ping, message, message]);
}

#[test]
fn a_text_in_parts_is_utf8() {
    let mut encoder = new(false, 65_536);
    let mut part = |payload: &'static [u8], is_last| {
        let queued = encoder.push_part(TEXT, payload.into(), is_last);
        queued.is_ok()
    };
    assert!(part("grü".as_bytes(), false));
    assert!(!part(b"\xFF", false));
    assert!(part(b"\xC3", false));
    assert!(!part(b"", true), "it ends inside a character");
    assert!(!part(b"\xC3", true));
    assert!(part(b"\x9F", true));
    // The next message is another one.
    assert!(part(b"a", true));
    let sent = frames(&bytes(&mut encoder));
    let text: Vec<u8> = sent
        .iter()
        .flat_map(|(_, payload)| payload.clone())
        .collect();
    assert_eq!(text, "grüßa".as_bytes());
}

#[test]
fn an_error_of_flushing_is_met_again() {
    let mut encoder = new(false, 65_536);
    encoder.push_message(TEXT, "hello".into());
    let mut peer = MockTransport::taking(&[usize::MAX]);
    peer.flush_fails = true;
    let mut cx = Context::from_waker(Waker::noop());
    for _ in 0..2 {
        let result = poll_write(&mut encoder, Pin::new(&mut peer), &mut cx, &mut 0);
        assert!(matches!(result, Poll::Ready(Err(_))), "{result:?}");
        assert!(!encoder.is_empty());
    }
}

/// Whatever is between them, and in whatever pieces they leave.
#[test]
fn a_message_counts_as_written_with_its_last_byte() {
    for turn in [1, 1009, 70_000, usize::MAX] {
        for frame_size in [100, 65_536] {
            let mut encoder = new(true, frame_size);
            encoder.push_message(TEXT, "small".into());
            encoder.push_control(PING, "ping".into());
            encoder.push_message(BINARY, pattern(40_000));
            encoder.push_message(TEXT, Bytes::new());
            encoder.push_control(PING, "ahead of what is encoded later".into());
            encoder.push_part(BINARY, pattern(300), false).unwrap();
            encoder.push_part(BINARY, pattern(20_000), true).unwrap();
            encoder.push_message(TEXT, "last words".into());
            encoder.push_close(close_payload(1000));
            let mut peer = MockTransport::taking(&[turn, 0]);
            let mut told = Vec::new();
            while !write(&mut encoder, &mut peer).0 {
                told.push((peer.taken.len(), encoder.messages_written()));
            }
            assert_eq!(encoder.messages_written(), 5);
            let ends = ends_of_messages(&peer.taken);
            for (taken, messages) in told {
                let whole = ends.iter().filter(|end| **end <= taken).count();
                assert_eq!(messages, whole as u64, "{taken} bytes in turns of {turn}");
            }
        }
    }
}

#[test]
fn neither_what_is_cut_short_nor_a_probe_counts_as_written() {
    let mut encoder = new(true, 100_000);
    encoder.push_probe(TEXT, "probe".into());
    encoder.push_message(TEXT, "small".into());
    encoder.push_message(BINARY, pattern(250_000));
    let mut peer = MockTransport::full_after(20_000);
    write(&mut encoder, &mut peer);
    encoder.push_probe(BINARY, pattern(20_000));
    encoder.discard_unsent();
    encoder.push_close(close_payload(1002));
    peer.turns = vec![usize::MAX];
    drain(&mut encoder, &mut peer);
    assert_eq!(encoder.messages_written(), 1);
}

/// Where in a stream its messages end.
fn ends_of_messages(bytes: &[u8]) -> Vec<usize> {
    let mut ends = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let (header, size) = frame::parse(&bytes[at..]).unwrap().expect("a whole header");
        at += size + header.length as usize;
        if header.fin && [TEXT, BINARY, CONTINUATION].contains(&header.opcode) {
            ends.push(at);
        }
    }
    ends
}
