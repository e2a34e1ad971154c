//! UTF-8 that arrives in pieces.

/// Validates a text in pieces, and notices an error in the piece that holds it.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Utf8 {
    /// The beginning of a character whose end has not arrived.
    tail: [u8; 3],
    tail_len: usize,
}

/// The text is not UTF-8.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Invalid;

impl Utf8 {
    /// Takes the next piece.
    pub(crate) fn push(&mut self, mut piece: &[u8]) -> Result<(), Invalid> {
        while self.tail_len > 0 {
            let Some((&byte, rest)) = piece.split_first() else {
                return Ok(());
            };
            let mut character = [0; 4];
            character[..self.tail_len].copy_from_slice(&self.tail[..self.tail_len]);
            character[self.tail_len] = byte;
            let so_far = &character[..=self.tail_len];
            match std::str::from_utf8(so_far) {
                Ok(_) => self.tail_len = 0,
                Err(error) if error.error_len().is_none() => {
                    self.tail[self.tail_len] = byte;
                    self.tail_len += 1;
                }
                Err(_) => return Err(Invalid),
            }
            piece = rest;
        }
        match simdutf8::compat::from_utf8(piece) {
            Ok(_) => Ok(()),
            Err(error) if error.error_len().is_none() => {
                let rest = &piece[error.valid_up_to()..];
                self.tail[..rest.len()].copy_from_slice(rest);
                self.tail_len = rest.len();
                Ok(())
            }
            Err(_) => Err(Invalid),
        }
    }

    /// How many bytes at the end of what was taken belong to an unfinished character.
    pub(crate) fn unfinished(&self) -> usize {
        self.tail_len
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(pieces: &[&[u8]]) -> Result<usize, Invalid> {
        let mut utf8 = Utf8::default();
        for piece in pieces {
            utf8.push(piece)?;
        }
        Ok(utf8.unfinished())
    }

    #[test]
    fn characters_may_be_split_anywhere() {
        let text = "aé€😀 \u{FEFF}\u{FFFF}\u{10FFFF}".as_bytes();
        for first in 0..text.len() {
            for second in first..text.len() {
                let pieces = [&text[..first], &text[first..second], &text[second..]];
                assert_eq!(check(&pieces), Ok(0), "{first} {second}");
            }
        }
    }

    #[test]
    fn errors_are_noticed_in_their_piece() {
        for bad in [
            &b"\xC0\x80"[..],
            b"\xED\xA0\x80",
            b"\xF4\x90\x80\x80",
            b"\xFF",
            b"\x80",
            b"\xE2\x28\xA1",
        ] {
            assert_eq!(check(&[bad]), Err(Invalid), "{bad:?}");
            let bytes: Vec<&[u8]> = bad.chunks(1).collect();
            assert_eq!(check(&bytes), Err(Invalid), "{bad:?}");
        }
        // A surrogate cannot be finished: its second byte already tells.
        assert_eq!(check(&[b"\xED", b"\xA0"]), Err(Invalid));
        assert_eq!(check(&[b"ok\xF0\x9F\x98"]), Ok(3));
    }
}
