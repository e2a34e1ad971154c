//! Frame headers: whatever is taken for a header is written as the same bytes, and tungstenite
//! reads the same in it. What only we refuse is a length in a longer form, or over 63 bits.

#![no_main]

use std::io::Cursor;

use libfuzzer_sys::fuzz_target;
use qwebsocket::fuzzing::{Header, apply_mask};
use tungstenite::protocol::frame::FrameHeader;

fuzz_target!(|bytes: &[u8]| {
    let theirs = FrameHeader::parse(&mut Cursor::new(bytes));
    match Header::parse(bytes) {
        Ok(Some((header, size))) => {
            assert_eq!(header.write(), &bytes[..size]);
            for end in 0..size {
                assert_eq!(Header::parse(&bytes[..end]), Ok(None));
            }
            // tungstenite refuses opcodes here, and we with the other rules.
            if let Ok(theirs) = theirs {
                let (theirs, length) = theirs.expect("the header is complete");
                assert_eq!(length, header.length);
                let mut written = Vec::new();
                theirs.format(length, &mut written).unwrap();
                assert_eq!(written, &bytes[..size]);
            }
            if let Some(mask) = header.mask {
                check_mask(&bytes[size..], mask);
            }
        }
        Ok(None) => assert!(matches!(theirs, Ok(None)), "tungstenite needs less"),
        Err(_) => {
            let extended = bytes[1] & 0x7F;
            assert!(extended >= 126);
            if let Ok(Some((theirs, length))) = theirs {
                let mut shortest = Vec::new();
                theirs.format(length, &mut shortest).unwrap();
                assert!(length >> 63 != 0 || !bytes.starts_with(&shortest));
            }
        }
    }
});

fn check_mask(payload: &[u8], mask: [u8; 4]) {
    let expected: Vec<u8> = payload
        .iter()
        .zip(mask.iter().cycle())
        .map(|(a, b)| a ^ b)
        .collect();
    let mut masked = payload.to_vec();
    let split = usize::from(mask[0]).min(payload.len());
    let (left, right) = masked.split_at_mut(split);
    apply_mask(left, mask, 0);
    apply_mask(right, mask, split);
    assert_eq!(masked, expected);
}
