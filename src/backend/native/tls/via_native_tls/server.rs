//! The server's side, by `async-native-tls`.

use std::pin::Pin;

use async_native_tls::{TlsAcceptor, TlsStream};
use native_tls::Certificate;

use super::{Tls, Watched, failed, identity, info, lowest, protocol, refused, secured};
use crate::backend::native::timeout::timeout;
use crate::backend::native::tls::library::{Library, Peer, Securing};
use crate::backend::native::transport::Transport;
use crate::error::Error;
use crate::tls::config::TlsConfig;

pub(crate) struct Server(TlsAcceptor);

impl Server {
    pub(crate) fn new(config: &TlsConfig) -> Result<Server, Error> {
        let Some(identity) = &config.identity else {
            return Err(Error::invalid_input("a server needs an identity for TLS"));
        };
        let mut builder = native_tls::TlsAcceptor::builder(identity::read(identity)?);
        builder
            .min_protocol_version(Some(lowest(config)?))
            .max_protocol_version(config.max_version.map(protocol));
        Ok(Server(builder.build().map_err(refused)?.into()))
    }
}

impl Library for Server {
    fn secure<'a>(&'a self, transport: Box<dyn Transport>, peer: &'a Peer) -> Securing<'a> {
        Box::pin(async move {
            let (transport, broken) = Watched::new(transport);
            let accept = async {
                let accepting = self.0.accept(transport).await;
                accepting.map_err(|error| failed(error, &broken))
            };
            let stream = timeout(peer.limit, "the TLS handshake took too long", accept).await?;
            let info = info(&stream);
            Ok(secured(stream, info, broken))
        })
    }
}

impl Tls for TlsStream<Watched> {
    fn peer_certificate(&self) -> Option<Certificate> {
        TlsStream::peer_certificate(self).ok().flatten()
    }

    fn transport(&mut self) -> Pin<&mut dyn Transport> {
        Pin::new(self.get_mut())
    }
}
