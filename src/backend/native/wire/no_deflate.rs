//! Without the crate feature `compression`, whose negotiation then agrees on nothing.

use bytes::Bytes;

use crate::backend::native::permessage_deflate::Direction;
use crate::prepared_message::PreparedMessage;

#[derive(Debug)]
pub(crate) enum Compressor {}

impl Compressor {
    pub(crate) fn new(_: Direction, _: u8, _: usize) -> Option<Compressor> {
        None
    }

    pub(crate) fn threshold(&self) -> usize {
        match *self {}
    }

    pub(crate) fn compress_prepared(&mut self, _: &PreparedMessage) -> Bytes {
        match *self {}
    }

    pub(crate) fn compress(&mut self, _: &[u8], _: bool) -> Bytes {
        match *self {}
    }
}

/// Takes nothing.
#[derive(Debug)]
pub(crate) struct Inflater;

#[allow(dead_code)] // What it takes cannot be too large.
pub(crate) enum Failure {
    Malformed,
    TooLarge,
}

impl Inflater {
    pub(crate) fn new(_: Direction) -> Inflater {
        Inflater
    }

    pub(crate) fn inflate(&mut self, _: &[u8], _: &mut Vec<u8>, _: usize) -> Result<(), Failure> {
        Err(Failure::Malformed)
    }

    pub(crate) fn finish(&mut self, _: &mut Vec<u8>, _: usize) -> Result<(), Failure> {
        Err(Failure::Malformed)
    }
}
