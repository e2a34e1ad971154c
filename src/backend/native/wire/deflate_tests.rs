use super::*;

fn direction(window_bits: u8, context_takeover: bool) -> Direction {
    Direction {
        window_bits,
        context_takeover,
    }
}

/// Text that compresses well but not to nothing.
fn text(length: usize) -> Vec<u8> {
    (0..length)
        .map(|i| b"the quick brown fox jumps"[(i * i / 7 + i) % 25])
        .collect()
}

#[test]
fn messages_survive_at_all_sizes_and_windows() {
    for bits in [9, 12, 15] {
        for takeover in [false, true] {
            let mut compressor = Compressor::new(direction(bits, takeover), 6, 0).unwrap();
            let mut inflater = Inflater::new(direction(bits, takeover));
            for length in [0, 1, 64, 1000, 4096, 100_000] {
                let plain = text(length);
                let small = compressor.compress(&plain, true);
                let mut out = Vec::new();
                inflater.inflate(&small, &mut out, length).unwrap();
                let room = length - out.len();
                inflater.finish(&mut out, room).unwrap();
                assert_eq!(out, plain, "{bits} {takeover} {length}");
            }
        }
    }
}

#[test]
fn parts_of_a_message_are_one_message() {
    let mut compressor = Compressor::new(direction(15, true), 6, 0).unwrap();
    let mut inflater = Inflater::new(direction(15, true));
    let plain = text(10_000);
    let mut out = Vec::new();
    for (index, part) in plain.chunks(999).enumerate() {
        let small = compressor.compress(part, index == 10);
        for byte in small.iter() {
            inflater.inflate(&[*byte], &mut out, 10_000).unwrap();
        }
    }
    inflater.finish(&mut out, 10_000).unwrap();
    assert_eq!(out, plain);
}

#[test]
fn a_takeover_makes_repeated_messages_small() {
    let mut compressor = Compressor::new(direction(15, true), 6, 0).unwrap();
    let mut seed = 1u32;
    let noise: Vec<u8> = std::iter::repeat_with(|| {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (seed >> 24) as u8
    })
    .take(5000)
    .collect();
    let first = compressor.compress(&noise, true).len();
    let second = compressor.compress(&noise, true).len();
    assert!(first >= 5000 && second < 100, "{first} {second}");
}

#[test]
fn a_bomb_costs_no_more_than_the_limit() {
    let mut compressor = Compressor::new(direction(15, true), 9, 0).unwrap();
    let bomb = compressor.compress(&vec![0; 16 << 20], true);
    assert!(bomb.len() < 20_000);
    let mut out = Vec::new();
    let mut inflater = Inflater::new(direction(15, true));
    assert_eq!(
        inflater.inflate(&bomb, &mut out, 1 << 20),
        Err(Failure::TooLarge)
    );
    assert!(out.capacity() <= (1 << 20) + 1, "{}", out.capacity());
}

#[test]
fn garbage_is_malformed() {
    let mut inflater = Inflater::new(direction(15, true));
    let mut out = Vec::new();
    assert_eq!(
        inflater.inflate(&[0xFF; 100], &mut out, 1 << 20),
        Err(Failure::Malformed)
    );
}

#[test]
fn a_final_block_may_end_a_message() {
    // RFC 7692 §7.2.3.4: "Hello" in a block with the final bit, then an empty block.
    let message = [0xF3, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00, 0x00];
    let mut inflater = Inflater::new(direction(15, true));
    for _ in 0..2 {
        let mut out = Vec::new();
        inflater.inflate(&message, &mut out, 100).unwrap();
        inflater.finish(&mut out, 100).unwrap();
        assert_eq!(out, b"Hello");
    }
}

/// "Hello" in each form that senders give it (RFC 7692 §7.2.3), with an end of the message that is
/// right or that some of them have instead.
const HELLO: [&[u8]; 7] = [
    // §7.2.3.1, one block.
    &[0xF2, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00],
    // §7.2.3.3, a block with no compression.
    &[
        0x00, 0x05, 0x00, 0xFA, 0xFF, 0x48, 0x65, 0x6C, 0x6C, 0x6F, 0x00,
    ],
    // §7.2.3.4, a final block and the header of an empty one.
    &[0xF3, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00, 0x00],
    // §7.2.3.5, two blocks.
    &[
        0xF2, 0x48, 0x05, 0x00, 0x00, 0x00, 0xFF, 0xFF, 0xCA, 0xC9, 0xC9, 0x07, 0x00,
    ],
    // A final block and nothing behind it, compressed or not.
    &[0xF3, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00],
    &[0x01, 0x05, 0x00, 0xFA, 0xFF, 0x48, 0x65, 0x6C, 0x6C, 0x6F],
    // The tail is left in (against §7.2.1 step 3).
    &[
        0xF2, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00, 0x00, 0x00, 0xFF, 0xFF,
    ],
];

/// An empty message: as §7.2.3.6 has it, and of no octets at all.
const EMPTY: [&[u8]; 2] = [&[0x00], &[]];

/// Inflates a message that comes in two parts.
fn inflate(inflater: &mut Inflater, message: &[u8], cut: usize) -> Vec<u8> {
    let (head, rest) = message.split_at(cut.min(message.len()));
    let mut out = Vec::new();
    inflater.inflate(head, &mut out, 100).unwrap();
    inflater.inflate(rest, &mut out, 100).unwrap();
    inflater.finish(&mut out, 100).unwrap();
    out
}

/// Every message is understood behind every other, wherever frames or reads cut them.
#[test]
fn no_end_of_a_message_spoils_the_next() {
    for takeover in [false, true] {
        for first in HELLO.iter().chain(&EMPTY) {
            for second in HELLO.iter().chain(&EMPTY) {
                for cut in 0..=first.len() {
                    let mut inflater = Inflater::new(direction(15, takeover));
                    for message in [first, second, second, first, &HELLO[0]] {
                        let expected: &[u8] = match EMPTY.contains(message) {
                            true => b"",
                            false => b"Hello",
                        };
                        let out = inflate(&mut inflater, message, cut);
                        assert_eq!(out, expected, "{first:x?} {second:x?} {cut}");
                    }
                }
            }
        }
    }
}

/// The window lasts from message to message, whichever way a message ends (RFC 7692 §7.2.3.2), but
/// not beyond a final block.
#[test]
fn the_window_lasts_beyond_a_tail_that_was_left_in() {
    // §7.2.3.2: "Hello" again, by reference to the one before.
    let again = [0xF2, 0x00, 0x11, 0x00, 0x00];
    for first in [HELLO[0], HELLO[1], HELLO[3], HELLO[6]] {
        let mut inflater = Inflater::new(direction(15, true));
        assert_eq!(inflate(&mut inflater, first, 3), b"Hello");
        for cut in 0..again.len() {
            assert_eq!(inflate(&mut inflater, &again, cut), b"Hello", "{first:x?}");
        }
    }
}

/// A final block in the midst of a message, which goes on (RFC 7692 §7.2.3.4).
#[test]
fn a_message_goes_on_behind_a_final_block() {
    for (end, takeover) in [0, 2, 4, 5, 6]
        .map(|end| [(end, false), (end, true)])
        .concat()
    {
        let message = [HELLO[4], HELLO[5], HELLO[end]].concat();
        for cut in 0..=message.len() {
            let mut inflater = Inflater::new(direction(15, takeover));
            for _ in 0..2 {
                let out = inflate(&mut inflater, &message, cut);
                assert_eq!(out, b"HelloHelloHello", "{end} {cut}");
            }
        }
    }
}

#[test]
fn eight_bits_leave_plain() {
    assert!(Compressor::new(direction(8, true), 6, 0).is_none());
}
