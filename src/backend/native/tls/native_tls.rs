//! TLS by `native-tls`: the platform's own library.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use async_native_tls::TlsStream;
use futures::{AsyncRead, AsyncWrite};
use native_tls::{Certificate, Protocol, TlsConnector};

use crate::backend::native::link::io_error;
use crate::backend::native::runtime::TcpStream;
use crate::backend::native::wire::Transport;
use crate::tls::Certificate as Pending;
use crate::{Error, ErrorKind, Features, TlsConfig};

pub(in super::super) const FEATURES: Features = Features::TLS_CONFIG;

/// Does the TLS handshake with the host of this name.
pub(in super::super) async fn connect(
    tcp: TcpStream,
    host: &str,
    config: &TlsConfig,
) -> Result<Box<dyn Transport>, Error> {
    let connector = async_native_tls::TlsConnector::from(builder(config)?);
    match connector.connect(host, tcp).await {
        Ok(stream) => Ok(Box::new(Stream(stream))),
        Err(error) => Err(failed(error)),
    }
}

fn builder(config: &TlsConfig) -> Result<native_tls::TlsConnectorBuilder, Error> {
    let mut builder = TlsConnector::builder();
    builder
        .min_protocol_version(Some(Protocol::Tlsv12))
        .disable_built_in_roots(!config.system_roots);
    for root in &config.roots {
        let root = match root {
            Pending::Pem(bytes) => Certificate::from_pem(bytes),
            Pending::Der(bytes) => Certificate::from_der(bytes),
        };
        builder.add_root_certificate(root.map_err(|error| {
            Error::invalid_input("a root certificate is malformed").with_source(error)
        })?);
    }
    Ok(builder)
}

/// TLS over TCP, both of which are ended together.
struct Stream(TlsStream<TcpStream>);

impl AsyncRead for Stream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_read(cx, buffer)
    }
}

impl AsyncWrite for Stream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(cx)
    }

    fn poll_close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(Pin::new(&mut self.0).poll_close(cx))?;
        Pin::new(self.0.get_mut()).poll_close(cx)
    }
}

/// Tells a connection that broke from a handshake that failed.
fn failed(error: native_tls::Error) -> Error {
    let mut cause = std::error::Error::source(&error);
    while let Some(source) = cause {
        if let Some(io) = source.downcast_ref::<io::Error>() {
            return io_error(io::Error::new(io.kind(), io.to_string()));
        }
        cause = source.source();
    }
    Error::new(ErrorKind::Tls, format!("TLS handshake failed: {error}")).with_source(error)
}
