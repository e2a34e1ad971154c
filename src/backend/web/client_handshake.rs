//! The client's side over a stream, which a browser does not have: nothing here ever comes to be.

use std::convert::Infallible;

use crate::error::Error;
use crate::features::Features;
use crate::headers::Headers;
use crate::negotiated::Negotiated;
use crate::options::Options;
use crate::request::Request;
use crate::response::Response;

pub(crate) struct ClientHandshake(Infallible);

impl ClientHandshake {
    pub(crate) fn new(_: Request, _: &Options) -> Result<ClientHandshake, Error> {
        Err(Error::unsupported(Features::OWN_STREAM))
    }

    pub(crate) fn url(&self) -> String {
        match self.0 {}
    }

    pub(crate) fn target(&self) -> &str {
        match self.0 {}
    }

    pub(crate) fn headers(&self) -> &Headers {
        match self.0 {}
    }

    pub(crate) fn finish(self, _: Response) -> Result<Negotiated, Error> {
        match self.0 {}
    }
}
