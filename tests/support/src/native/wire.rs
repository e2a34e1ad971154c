//! Takes frames and request heads off the bytes that came.

use crate::frame::apply_mask;
use crate::record::{Body, FrameRecord};

/// The longest frame that is waited for.
const MAX_FRAME: u64 = 256 << 20;

/// The longest request head.
pub(crate) const MAX_HEAD: usize = 64 << 10;

/// A frame as it came, with its payload unmasked.
pub(crate) struct WireFrame {
    pub(crate) fin: bool,
    pub(crate) rsv: u8,
    pub(crate) opcode: u8,
    pub(crate) mask: Option<[u8; 4]>,
    pub(crate) payload: Vec<u8>,
}

impl WireFrame {
    pub(crate) fn record(&self) -> FrameRecord {
        FrameRecord {
            fin: self.fin,
            rsv: self.rsv,
            opcode: self.opcode,
            mask: self.mask,
            len: self.payload.len() as u64,
            body: Body::of(&self.payload),
        }
    }
}

/// A frame is longer than anyone will send; nothing after its header can be told apart.
#[derive(Debug)]
pub(crate) struct TooLong;

/// Takes the first frame off the buffer, if it is complete.
pub(crate) fn take_frame(buffer: &mut Vec<u8>) -> Result<Option<WireFrame>, TooLong> {
    let Some((header, len, mask)) = parse_header(buffer) else {
        return Ok(None);
    };
    if len > MAX_FRAME {
        return Err(TooLong);
    }
    let end = header + len as usize;
    if buffer.len() < end {
        return Ok(None);
    }

    let rest = buffer.split_off(end);
    let mut payload = std::mem::replace(buffer, rest);
    let first = payload[0];
    payload.drain(..header);
    if let Some(key) = mask {
        apply_mask(&mut payload, key);
    }
    Ok(Some(WireFrame {
        fin: first & 0x80 != 0,
        rsv: first >> 4 & 7,
        opcode: first & 15,
        mask,
        payload,
    }))
}

/// The length of the header, the length of the payload, and the masking key.
fn parse_header(buffer: &[u8]) -> Option<(usize, u64, Option<[u8; 4]>)> {
    let [_, second, rest @ ..] = buffer else {
        return None;
    };
    let (extra, len) = match second & 0x7f {
        126 => (2, u16::from_be_bytes(*rest.first_chunk()?).into()),
        127 => (8, u64::from_be_bytes(*rest.first_chunk()?)),
        len => (0, len.into()),
    };
    match second & 0x80 {
        0 => Some((2 + extra, len, None)),
        _ => Some((6 + extra, len, Some(*rest[extra..].first_chunk()?))),
    }
}

/// Takes the first request head off the buffer, if it is complete: its lines, and its length.
pub(crate) fn take_head(buffer: &mut Vec<u8>) -> Option<(Vec<String>, usize)> {
    const END: &[u8] = b"\r\n\r\n";
    let len = buffer.windows(END.len()).position(|bytes| bytes == END)? + END.len();
    let rest = buffer.split_off(len);
    let head = std::mem::replace(buffer, rest);
    let text = String::from_utf8_lossy(&head[..len - END.len()]);
    Some((text.split("\r\n").map(str::to_owned).collect(), len))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Frame, LengthForm, Payload};

    #[test]
    fn reads_what_frames_encode_to_byte_by_byte() {
        for frame in [
            Frame::text("hi").masked([1, 2, 3, 4]),
            Frame::binary(Payload::pattern(200)).not_final().rsv(5),
            Frame::ping("")
                .length_form(LengthForm::Bits64)
                .masked([9; 4]),
            Frame::binary(Payload::pattern(70_000)).masked([7; 4]),
        ] {
            let bytes = frame.encode();
            let mut buffer = Vec::new();
            for (index, byte) in bytes.iter().enumerate() {
                buffer.push(*byte);
                let taken = take_frame(&mut buffer).unwrap();
                assert_eq!(taken.is_some(), index + 1 == bytes.len());
                if let Some(taken) = taken {
                    assert_eq!(taken.payload, frame.payload.to_bytes());
                    assert_eq!((taken.fin, taken.rsv), (frame.fin, frame.rsv));
                    assert_eq!((taken.opcode, taken.mask), (frame.opcode, frame.mask));
                }
            }
            assert!(buffer.is_empty());
        }
    }

    #[test]
    fn gives_up_on_absurd_lengths() {
        assert!(take_frame(&mut vec![0xff; 14]).is_err());
    }

    #[test]
    fn heads_end_at_an_empty_line() {
        let mut buffer = b"GET / HTTP/1.1\r\nA: b\nc\r\n\r\nrest".to_vec();
        let (lines, len) = take_head(&mut buffer).unwrap();
        assert_eq!(lines, ["GET / HTTP/1.1", "A: b\nc"]);
        assert_eq!((len, buffer.as_slice()), (26, b"rest".as_slice()));
        assert!(take_head(&mut buffer).is_none());
    }
}
