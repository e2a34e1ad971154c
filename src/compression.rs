pub(crate) mod agreed;

use crate::error::Error;

/// Compression of messages: permessage-deflate (RFC 7692).
///
/// A client offers it and a server agrees to it only if it was set with
/// [`Options::compression`](crate::Options::compression). Each side keeps a window of what it sent
/// before, unless that is disabled, and compresses against it: a better ratio at the price of up
/// to 300 KiB for each connection.
///
/// # Platform-specific
///
/// Browsers offer it by themselves; [`Info::extensions`](crate::Info::extensions) shows whether it is
/// in use: [`Features::COMPRESSION`](crate::Features::COMPRESSION).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use = "a compression does nothing until options have it"]
pub struct Compression {
    pub(crate) client_max_window_bits: u8,
    pub(crate) server_max_window_bits: u8,
    pub(crate) client_no_context_takeover: bool,
    pub(crate) server_no_context_takeover: bool,
    pub(crate) level: u8,
    pub(crate) threshold: usize,
}

impl Compression {
    /// The defaults.
    pub fn new() -> Compression {
        Compression::default()
    }

    /// The largest window of what the client sends, as a power of two: 8 to 15. Default: 15.
    pub fn client_max_window_bits(mut self, bits: u8) -> Compression {
        self.client_max_window_bits = bits;
        self
    }

    /// The largest window of what the server sends, as a power of two: 8 to 15. Default: 15.
    pub fn server_max_window_bits(mut self, bits: u8) -> Compression {
        self.server_max_window_bits = bits;
        self
    }

    /// Makes the client compress each message on its own, which costs ratio and saves memory.
    /// Default: no.
    pub fn client_no_context_takeover(mut self, wanted: bool) -> Compression {
        self.client_no_context_takeover = wanted;
        self
    }

    /// Makes the server compress each message on its own, which costs ratio and saves memory.
    /// Default: no.
    pub fn server_no_context_takeover(mut self, wanted: bool) -> Compression {
        self.server_no_context_takeover = wanted;
        self
    }

    /// The compression level, from 1, the fastest, to 9, the smallest. Default: 6.
    pub fn level(mut self, level: u8) -> Compression {
        self.level = level;
        self
    }

    /// Messages with fewer bytes than this are sent uncompressed. Default: 64.
    pub fn threshold(mut self, bytes: usize) -> Compression {
        self.threshold = bytes;
        self
    }

    /// See [`client_max_window_bits`](Self::client_max_window_bits).
    pub fn get_client_max_window_bits(&self) -> u8 {
        self.client_max_window_bits
    }

    /// See [`server_max_window_bits`](Self::server_max_window_bits).
    pub fn get_server_max_window_bits(&self) -> u8 {
        self.server_max_window_bits
    }

    /// See [`client_no_context_takeover`](Self::client_no_context_takeover).
    pub fn get_client_no_context_takeover(&self) -> bool {
        self.client_no_context_takeover
    }

    /// See [`server_no_context_takeover`](Self::server_no_context_takeover).
    pub fn get_server_no_context_takeover(&self) -> bool {
        self.server_no_context_takeover
    }

    /// See [`level`](Self::level).
    pub fn get_level(&self) -> u8 {
        self.level
    }

    /// See [`threshold`](Self::threshold).
    pub fn get_threshold(&self) -> usize {
        self.threshold
    }

    pub(crate) fn check(&self) -> Result<(), Error> {
        for bits in [self.client_max_window_bits, self.server_max_window_bits] {
            if !(8..=15).contains(&bits) {
                return Err(Error::invalid_input("a window has 8 to 15 bits"));
            }
        }
        if !(1..=9).contains(&self.level) {
            return Err(Error::invalid_input("a level of compression is 1 to 9"));
        }
        Ok(())
    }
}

impl Default for Compression {
    fn default() -> Compression {
        Compression {
            client_max_window_bits: 15,
            server_max_window_bits: 15,
            client_no_context_takeover: false,
            server_no_context_takeover: false,
            level: 6,
            threshold: 64,
        }
    }
}
