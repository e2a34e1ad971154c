//! Frame headers (RFC 6455 §5.2) and masks (§5.3).

pub(crate) const CONTINUATION: u8 = 0x0;
pub(crate) const TEXT: u8 = 0x1;
pub(crate) const BINARY: u8 = 0x2;
pub(crate) const CLOSE: u8 = 0x8;
pub(crate) const PING: u8 = 0x9;
pub(crate) const PONG: u8 = 0xA;

pub(crate) const FIN: u8 = 0x80;

/// The first reserved bit of a frame's first byte: the message is compressed (RFC 7692 §6).
pub(crate) const RSV1: u8 = 0x40;

/// The longest header: two bytes, a 64 bit length, a mask.
pub(crate) const MAX_HEADER: usize = 14;

/// The longest payload of a control frame (RFC 6455 §5.5).
pub(crate) const MAX_CONTROL: usize = 125;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Header {
    pub(crate) fin: bool,
    /// The three reserved bits, in their places in the first byte.
    pub(crate) rsv: u8,
    pub(crate) opcode: u8,
    pub(crate) mask: Option<[u8; 4]>,
    pub(crate) length: u64,
}

impl Header {
    /// The first byte.
    pub(crate) fn first(&self) -> u8 {
        let fin = if self.fin { FIN } else { 0 };
        fin | self.rsv | self.opcode
    }
}

pub(crate) const fn is_control(opcode: u8) -> bool {
    opcode & 0x8 != 0
}

/// Reads a header from the beginning of `bytes`: the header and its size, `None` when there is
/// not enough yet, or the rule that it breaks.
#[inline]
pub(crate) fn parse(bytes: &[u8]) -> Result<Option<(Header, usize)>, &'static str> {
    let &[first, second, ref rest @ ..] = bytes else {
        return Ok(None);
    };
    let (length, extended) = match second & 0x7F {
        126 => match rest.first_chunk() {
            Some(bytes) => (u64::from(u16::from_be_bytes(*bytes)), 2),
            None => return Ok(None),
        },
        127 => match rest.first_chunk() {
            Some(bytes) => (u64::from_be_bytes(*bytes), 8),
            None => return Ok(None),
        },
        length => (u64::from(length), 0),
    };
    if length >> 63 != 0 {
        return Err("the highest bit of a frame's length is set");
    }
    let shortest = match length {
        0..=125 => 0,
        126..=0xFFFF => 2,
        _ => 8,
    };
    if extended != shortest {
        return Err("the length of a frame is not in its shortest form");
    }
    let mut size = 2 + extended;
    let mask = if second & 0x80 != 0 {
        let Some(mask) = bytes[size..].first_chunk() else {
            return Ok(None);
        };
        size += 4;
        Some(*mask)
    } else {
        None
    };
    let header = Header {
        fin: first & FIN != 0,
        rsv: first & 0x70,
        opcode: first & 0xF,
        mask,
        length,
    };
    Ok(Some((header, size)))
}

/// Appends a header whose first byte is `first`.
pub(crate) fn write_header(out: &mut Vec<u8>, first: u8, length: usize, mask: Option<[u8; 4]>) {
    let (header, size) = header(first, length, mask);
    out.extend_from_slice(&header[..size]);
}

/// A header whose first byte is `first`, and its size. It is put together in registers: small frames
/// are little more than their headers.
#[inline]
pub(crate) fn header(first: u8, length: usize, mask: Option<[u8; 4]>) -> ([u8; MAX_HEADER], usize) {
    let (second, extended, mut size) = match length {
        0..=125 => (length as u8, 0, 2),
        126..=0xFFFF => (126, u64::from((length as u16).swap_bytes()), 4),
        _ => (127, (length as u64).swap_bytes(), 10),
    };
    let mut header = u128::from(first) | u128::from(second) << 8 | u128::from(extended) << 16;
    if let Some(mask) = mask {
        header |= 0x80 << 8 | u128::from(u32::from_le_bytes(mask)) << (8 * size);
        size += 4;
    }
    let [header @ .., _, _] = header.to_le_bytes();
    (header, size)
}

/// The size of the header of a frame with this payload.
pub(crate) const fn header_size(length: usize, masked: bool) -> usize {
    let size = match length {
        0..=125 => 2,
        126..=0xFFFF => 4,
        _ => 10,
    };
    size + if masked { 4 } else { 0 }
}

/// Masks or unmasks `bytes`, which begin `offset` bytes into the payload (RFC 6455 §5.3).
#[inline]
pub(crate) fn apply_mask(bytes: &mut [u8], mut mask: [u8; 4], offset: usize) {
    mask.rotate_left(offset % 4);
    let word = u64::from_ne_bytes([
        mask[0], mask[1], mask[2], mask[3], mask[0], mask[1], mask[2], mask[3],
    ]);
    let (chunks, rest) = bytes.as_chunks_mut::<8>();
    for chunk in chunks {
        *chunk = (u64::from_ne_bytes(*chunk) ^ word).to_ne_bytes();
    }
    for (byte, mask) in rest.iter_mut().zip(mask.into_iter().cycle()) {
        *byte ^= mask;
    }
}

/// Copies `bytes` to `out`, which is as long; if there is a mask, masked or unmasked in one pass. They
/// begin `offset` bytes into the payload.
#[inline]
pub(crate) fn copy(out: &mut [u8], bytes: &[u8], mask: Option<[u8; 4]>, offset: usize) {
    let Some(mask) = mask else {
        return out.copy_from_slice(bytes);
    };
    let mask = repeated(mask, offset);
    let (words, rest) = bytes.as_chunks();
    let (out_words, out_rest) = out.as_chunks_mut();
    for (out, word) in out_words.iter_mut().zip(words) {
        *out = (u64::from_ne_bytes(*word) ^ u64::from_ne_bytes(mask)).to_ne_bytes();
    }
    for ((out, byte), mask) in out_rest.iter_mut().zip(rest).zip(mask) {
        *out = byte ^ mask;
    }
}

/// Appends `bytes`, masked or unmasked if there is a mask, which begin `offset` bytes into the payload.
pub(crate) fn append(out: &mut Vec<u8>, bytes: &[u8], mask: Option<[u8; 4]>, offset: usize) {
    match mask {
        Some(mask) => append_masked(out, bytes, mask, offset),
        None => out.extend_from_slice(bytes),
    }
}

/// Appends `bytes`, masked, which begin `offset` bytes into the payload. They are copied and masked
/// in one pass, through the processor's registers.
fn append_masked(out: &mut Vec<u8>, bytes: &[u8], mut mask: [u8; 4], offset: usize) {
    /// As much as the registers of any vector unit hold.
    const BLOCK: usize = 128;
    mask.rotate_left(offset % 4);
    out.reserve(bytes.len());
    let (blocks, rest) = bytes.as_chunks::<BLOCK>();
    for block in blocks {
        let mut masked = *block;
        apply_mask(&mut masked, mask, 0);
        out.extend_from_slice(&masked);
    }
    let start = out.len();
    out.extend_from_slice(rest);
    apply_mask(&mut out[start..], mask, 0);
}

/// Two of a mask, as they go on from `offset`.
fn repeated(mut mask: [u8; 4], offset: usize) -> [u8; 8] {
    mask.rotate_left(offset % 4);
    let [a, b, c, d] = mask;
    [a, b, c, d, a, b, c, d]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_survive_the_round_trip() {
        for length in [0, 1, 125, 126, 127, 65535, 65536, 1 << 20] {
            for mask in [None, Some([1, 2, 3, 4])] {
                let mut bytes = Vec::new();
                write_header(&mut bytes, FIN | BINARY, length, mask);
                assert_eq!(bytes.len(), header_size(length, mask.is_some()));
                for end in 0..bytes.len() {
                    assert_eq!(parse(&bytes[..end]), Ok(None));
                }
                let (header, size) = parse(&bytes).unwrap().unwrap();
                assert_eq!(size, bytes.len());
                assert_eq!(
                    header,
                    Header {
                        fin: true,
                        rsv: 0,
                        opcode: BINARY,
                        mask,
                        length: length as u64
                    }
                );
            }
        }
    }

    #[test]
    fn lengths_have_one_form() {
        assert!(parse(&[0x82, 126, 0, 125]).is_err());
        assert!(parse(&[0x82, 127, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF]).is_err());
        assert!(parse(&[0x82, 127, 0x80, 0, 0, 0, 0, 0, 0, 0]).is_err());
    }

    #[test]
    fn masking_may_begin_anywhere() {
        let mask = [0x11, 0x22, 0x33, 0x44];
        let plain: Vec<u8> = (0..100).collect();
        let mut whole = plain.clone();
        apply_mask(&mut whole, mask, 0);
        assert_eq!(whole[5], plain[5] ^ 0x22);
        for split in 0..plain.len() {
            let mut parts = plain.clone();
            let (left, right) = parts.split_at_mut(split);
            apply_mask(left, mask, 0);
            apply_mask(right, mask, split);
            assert_eq!(parts, whole);
        }
    }

    #[test]
    fn what_is_copied_is_masked_as_in_place() {
        let mask = [0x11, 0x22, 0x33, 0x44];
        let plain: Vec<u8> = (0..=255).cycle().take(700).collect();
        let bytewise = plain.iter().zip(mask.into_iter().cycle());
        let masked: Vec<u8> = bytewise.map(|(byte, mask)| byte ^ mask).collect();
        for split in 0..plain.len() {
            let mut copied = vec![0; plain.len()];
            copy(&mut copied[..split], &plain[..split], Some(mask), 0);
            copy(&mut copied[split..], &plain[split..], Some(mask), split);
            assert_eq!(copied, masked);
            copy(&mut copied[split..], &plain[split..], None, split);
            assert_eq!(copied[split..], plain[split..]);
            apply_mask(&mut copied[..split], mask, 0);
            assert_eq!(copied, plain);
        }
    }

    #[test]
    fn what_is_appended_is_masked_as_in_place() {
        let mask = [0x11, 0x22, 0x33, 0x44];
        let plain: Vec<u8> = (0..=255).cycle().take(700).collect();
        let mut masked = plain.clone();
        apply_mask(&mut masked, mask, 0);
        for split in 0..plain.len() {
            let mut parts = vec![7];
            append_masked(&mut parts, &plain[..split], mask, 0);
            append_masked(&mut parts, &plain[split..], mask, split);
            assert_eq!(parts[1..], masked);
        }
    }
}
