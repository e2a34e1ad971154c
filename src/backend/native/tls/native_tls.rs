//! TLS by `native-tls`: the platform's own library.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll, ready};

use async_native_tls::TlsStream;
use futures::{AsyncRead, AsyncWrite};
use native_tls::{Certificate, Protocol, TlsConnector};
use pki_types::{CertificateDer, ServerName};
use webpki::EndEntityCert;

use crate::backend::native::link::io_error;
use crate::backend::native::wire::Transport;
use crate::tls::Certificate as Pending;
use crate::{Error, ErrorKind, Features, TlsConfig};

pub(in super::super) const FEATURES: Features = Features::TLS_CONFIG;

/// Whether these options can be used.
pub(in super::super) fn check(config: &TlsConfig) -> Result<(), Error> {
    builder(config).map(drop)
}

/// Does the TLS handshake with the host of this name.
pub(in super::super) async fn connect(
    transport: Box<dyn Transport>,
    host: &str,
    config: &TlsConfig,
) -> Result<Box<dyn Transport>, Error> {
    let connector = async_native_tls::TlsConnector::from(builder(config)?);
    let (transport, broken) = Watched::new(transport);
    let stream = connector
        .connect(host, transport)
        .await
        .map_err(|error| match broken.get() {
            Some(kind) => io_error(io::Error::new(*kind, error)),
            None => failed(error),
        })?;
    let certificate = stream.peer_certificate().map_err(failed)?;
    let certificate = certificate.map(|certificate| certificate.to_der());
    check_name(
        &certificate.transpose().map_err(failed)?.unwrap_or_default(),
        host,
    )?;
    Ok(Box::new(Stream(stream)))
}

/// Some of the platforms' libraries take the common name where a certificate names nothing else;
/// that is obsolete (RFC 9525 §2).
fn check_name(certificate: &[u8], host: &str) -> Result<(), Error> {
    let certificate = CertificateDer::from(certificate);
    let is_valid = match (
        EndEntityCert::try_from(&certificate),
        ServerName::try_from(host),
    ) {
        (Ok(certificate), Ok(name)) => certificate.verify_is_valid_for_subject_name(&name).is_ok(),
        _ => false,
    };
    if is_valid {
        return Ok(());
    }
    Err(Error::new(
        ErrorKind::Tls,
        format!("the certificate does not name {host} among its alternative names"),
    ))
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

/// TLS over a transport, both of which are ended together.
struct Stream(TlsStream<Watched>);

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

/// A transport that remembers how it broke, which the error of a TLS handshake does not tell.
struct Watched {
    transport: Box<dyn Transport>,
    broken: Arc<OnceLock<io::ErrorKind>>,
}

impl Watched {
    fn new(transport: Box<dyn Transport>) -> (Watched, Arc<OnceLock<io::ErrorKind>>) {
        let broken = Arc::<OnceLock<_>>::default();
        let watched = Watched {
            transport,
            broken: broken.clone(),
        };
        (watched, broken)
    }

    fn watch<T>(&self, result: &Poll<io::Result<T>>) {
        if let Poll::Ready(Err(error)) = result {
            let _ = self.broken.set(error.kind());
        }
    }
}

impl AsyncRead for Watched {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        let result = Pin::new(&mut self.transport).poll_read(cx, buffer);
        self.watch(&result);
        if matches!(result, Poll::Ready(Ok(0))) {
            let _ = self.broken.set(io::ErrorKind::UnexpectedEof);
        }
        result
    }
}

impl AsyncWrite for Watched {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let result = Pin::new(&mut self.transport).poll_write(cx, bytes);
        self.watch(&result);
        result
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.transport).poll_flush(cx)
    }

    fn poll_close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.transport).poll_close(cx)
    }
}

fn failed(error: native_tls::Error) -> Error {
    Error::new(ErrorKind::Tls, format!("TLS handshake failed: {error}")).with_source(error)
}
