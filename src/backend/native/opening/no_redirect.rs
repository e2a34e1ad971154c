//! Redirects, left out: options that want some are refused, or do without them.

use super::endpoint::Endpoint;
use crate::error::Error;
use crate::features::Features;
use crate::options::Options;

pub(crate) const FEATURES: Features = Features::NONE;

pub(crate) fn limit(_: &Options) -> u32 {
    0
}

pub(crate) fn follow(_: &Endpoint, _: &str) -> Result<Endpoint, Error> {
    Err(Error::unsupported(Features::REDIRECTS))
}
