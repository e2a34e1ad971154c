//! permessage-deflate: what is compressed in parts is inflated again from pieces, within exactly its
//! size; and arbitrary bytes inflate the same from pieces as from one, never over the limit.

#![no_main]

use libfuzzer_sys::fuzz_target;
use qwebsocket::CloseCode;
use qwebsocket::fuzzing::{Compressor, Inflater};
use qwebsocket_fuzz::Pieces;

/// What the wire inflates at once.
const PIECE: usize = 4 * 1024;

fuzz_target!(|input: &[u8]| {
    let Some((&[flags, level, repeat, high, low], bytes)) = input.split_first_chunk() else {
        return;
    };
    let seed = u16::from_be_bytes([high, low]);
    let (window_bits, context_takeover) = (8 + (flags & 7), flags & 8 != 0);
    if flags & 16 == 0 {
        round_trip(
            Compressor::new(window_bits, context_takeover, 1 + level % 9),
            Inflater::new(window_bits, context_takeover),
            &bytes.repeat(1 + usize::from(repeat % 64)),
            Pieces::new(seed),
        );
    } else {
        let limit = usize::from(level) * 256 + usize::from(repeat);
        let run = |pieces| {
            let mut inflater = Inflater::new(window_bits, context_takeover);
            // A second message meets what the first has left.
            [(); 2].map(|()| inflate(&mut inflater, bytes, pieces, limit))
        };
        let [first, second] = run(Pieces::new(0));
        let [first_in_pieces, second_in_pieces] = run(Pieces::new(seed));
        assert_eq!(first, first_in_pieces);
        if first.is_ok() {
            assert_eq!(second, second_in_pieces);
        }
    }
});

fn round_trip(
    compressor: Option<Compressor>,
    mut inflater: Inflater,
    mut bytes: &[u8],
    mut pieces: Pieces,
) {
    let Some(mut compressor) = compressor else {
        return;
    };
    while !bytes.is_empty() {
        let (message, rest) = bytes.split_at(pieces.next_size().min(bytes.len()));
        bytes = rest;
        let mut compressed = Vec::new();
        let mut rest = message;
        while !rest.is_empty() {
            let (part, behind) = rest.split_at(pieces.next_size().min(rest.len()));
            rest = behind;
            compressed.extend_from_slice(&compressor.compress(part, false));
        }
        compressed.extend_from_slice(&compressor.compress(&[], true));
        let inflated = inflate(&mut inflater, &compressed, pieces, message.len());
        assert_eq!(inflated.as_deref(), Ok(message));
    }
    let compressed = compressor.compress(b"more than its limit", true);
    let inflated = inflate(&mut inflater, &compressed, pieces, 18);
    assert_eq!(inflated, Err(CloseCode::TOO_LARGE));
}

/// Inflates a whole message.
fn inflate(
    inflater: &mut Inflater,
    mut bytes: &[u8],
    mut pieces: Pieces,
    limit: usize,
) -> Result<Vec<u8>, CloseCode> {
    let mut out = Vec::new();
    loop {
        let (piece, rest) = bytes.split_at(pieces.next_size().min(PIECE).min(bytes.len()));
        bytes = rest;
        inflater.inflate(piece, rest.is_empty(), &mut out, limit)?;
        assert!(out.len() <= limit);
        if rest.is_empty() {
            return Ok(out);
        }
    }
}
