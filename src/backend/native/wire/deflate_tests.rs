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

#[test]
fn eight_bits_leave_plain() {
    assert!(Compressor::new(direction(8, true), 6, 0).is_none());
}
