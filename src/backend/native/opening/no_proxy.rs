//! Proxies, left out: options that have one are refused, or do without it.

use std::sync::Arc;

use super::endpoint::Endpoint;
use super::route::Route;
use crate::backend::native::event_sink::EventSink;
use crate::error::Error;
use crate::features::Features;
use crate::options::Options;
use crate::proxy::Proxy;

pub(crate) const FEATURES: Features = Features::NONE;

/// A proxy, of which there is none.
pub(crate) enum ProxyRoute {}

pub(crate) fn check(_: Option<&Proxy>) -> Result<(), Error> {
    Ok(())
}

pub(crate) fn required(_: Option<&Proxy>) -> Features {
    Features::NONE
}

pub(crate) fn is_https(_: Option<&Proxy>) -> bool {
    false
}

pub(crate) async fn connect_route(
    _: &Endpoint,
    _: &Options,
    _: &mut Option<ProxyRoute>,
    _: &Arc<EventSink>,
) -> Result<Option<Route>, Error> {
    Ok(None)
}
