//! TLS by `native-tls`: the platform's own library.

mod client_stream;
mod error;
mod identity;
mod private_key;
#[cfg(feature = "server")]
pub(crate) mod server;

use std::io;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll, ready};

use futures::{AsyncRead, AsyncWrite};
use native_tls::{Certificate, Protocol, TlsConnector};
use pki_types::{CertificateDer, ServerName};
use webpki::EndEntityCert;

use self::client_stream::ClientStream;
use self::error::of_tls;
use super::library::{Library, Peer, Secured, Securing};
use crate::backend::native::error::io_error;
use crate::backend::native::timeout::timeout;
use crate::backend::native::transport::Transport;
use crate::error::{Error, ErrorKind};
use crate::features::Features;
use crate::platform::native::certificate;
use crate::tls::certificate::TlsCertificate;
use crate::tls::config::Root;
use crate::tls::config::TlsConfig;
use crate::tls::error::{TlsError, TlsErrorKind};
use crate::tls::info::{TlsInfo, TlsVersion};
use crate::tls::verify_mode::VerifyMode;

pub(crate) const FEATURES: Features = Features::TLS_CONFIG;

pub(crate) struct Client {
    connector: TlsConnector,
    server_name: Option<String>,
    checks_name: bool,
}

impl Client {
    pub(crate) fn new(config: &TlsConfig) -> Result<Client, Error> {
        let checks = config.verification == VerifyMode::Verify && !config.ignore_all;
        let mut builder = native_tls::TlsConnector::builder();
        builder
            .min_protocol_version(Some(lowest(config)?))
            .max_protocol_version(config.max_version.map(protocol))
            .disable_built_in_roots(!config.system_roots)
            .danger_accept_invalid_certs(!checks)
            .danger_accept_invalid_hostnames(!checks);
        if let Some(identity) = &config.identity {
            builder.identity(identity::read(identity)?);
        }
        for root in roots(config)? {
            builder.add_root_certificate(root);
        }
        Ok(Client {
            connector: builder.build().map_err(refused)?,
            server_name: config.server_name.clone(),
            checks_name: checks,
        })
    }
}

impl Library for Client {
    fn secure<'a>(&'a self, transport: Box<dyn Transport>, peer: &'a Peer) -> Securing<'a> {
        let name = match &self.server_name {
            Some(name) if !peer.is_proxy => name,
            _ => &peer.host,
        };
        Box::pin(async move {
            let (transport, broken) = Watched::new(transport);
            let connect = async {
                let connecting = client_stream::connect(&self.connector, name, transport).await;
                connecting.map_err(|error| failed(error, &broken))
            };
            let stream = timeout(peer.limit, "the TLS handshake took too long", connect).await?;
            let info = info(&stream);
            if self.checks_name {
                check_name(info.peer_certificates.first(), name)?;
            }
            Ok(secured(stream, info, broken))
        })
    }
}

fn secured(stream: impl Tls + 'static, info: TlsInfo, broken: Broken) -> Secured {
    Secured {
        transport: Box::new(Stream {
            stream,
            broken,
            early: None,
        }),
        info,
    }
}

/// The facts that the library reports.
fn info(stream: &impl Tls) -> TlsInfo {
    let certificate = stream.peer_certificate();
    let der = certificate.and_then(|certificate| certificate.to_der().ok());
    TlsInfo {
        peer_certificates: der
            .into_iter()
            .map(certificate::read)
            .map(TlsCertificate::new)
            .collect(),
        ..TlsInfo::default()
    }
}

/// Some of the platforms' libraries take the common name where a certificate names nothing else;
/// that is obsolete (RFC 9525 §2).
fn check_name(certificate: Option<&TlsCertificate>, host: &str) -> Result<(), Error> {
    let Err(why) = names(certificate.map_or(&[], |c| c.der()), host) else {
        return Ok(());
    };
    let wrong = TlsError::new(TlsErrorKind::HostNameMismatch, certificate.cloned());
    Err(Error::new(ErrorKind::Tls, wrong.to_string())
        .with_tls_errors(vec![wrong])
        .with_source(why))
}

/// Checks that this is among its alternative names.
fn names(certificate: &[u8], host: &str) -> Result<(), webpki::Error> {
    let name = ServerName::try_from(host).map_err(|_| webpki::Error::MalformedDnsIdentifier)?;
    let certificate = CertificateDer::from(certificate);
    EndEntityCert::try_from(&certificate)?.verify_is_valid_for_subject_name(&name)
}

fn lowest(config: &TlsConfig) -> Result<Protocol, Error> {
    config.check_versions()?;
    Ok(protocol(config.min_version))
}

fn protocol(version: TlsVersion) -> Protocol {
    match version {
        TlsVersion::Tls1_0 => Protocol::Tlsv10,
        TlsVersion::Tls1_1 => Protocol::Tlsv11,
        TlsVersion::Tls1_2 => Protocol::Tlsv12,
        TlsVersion::Tls1_3 => Protocol::Tlsv13,
    }
}

fn roots(config: &TlsConfig) -> Result<Vec<Certificate>, Error> {
    let mut roots = Vec::new();
    for root in &config.roots {
        match root {
            Root::Der(bytes) => roots.push(Certificate::from_der(bytes).map_err(malformed)?),
            Root::Pem(source) => {
                let some = Certificate::stack_from_pem(&source.read()?).map_err(malformed)?;
                if some.is_empty() {
                    return Err(Error::invalid_input("a PEM text holds no certificate"));
                }
                roots.extend(some);
            }
        }
    }
    Ok(roots)
}

fn malformed(error: native_tls::Error) -> Error {
    Error::invalid_input("a root certificate is malformed").with_source(error)
}

fn refused(error: native_tls::Error) -> Error {
    Error::quoting(
        ErrorKind::InvalidInput,
        "the TLS library does not take this",
        error,
    )
}

/// An error of TLS, or of what is below it.
fn failed(error: native_tls::Error, broken: &Broken) -> Error {
    match broken.get() {
        // As a source the library's own error may say its text twice.
        Some(kind) => io_error(io::Error::new(*kind, error.to_string())),
        None => of_tls("TLS handshake failed", error),
    }
}

/// One end of TLS.
trait Tls: Transport {
    fn peer_certificate(&self) -> Option<Certificate>;
    fn transport(&mut self) -> Pin<&mut dyn Transport>;
}

impl Tls for ClientStream {
    fn peer_certificate(&self) -> Option<Certificate> {
        self.0.peer_certificate().ok().flatten()
    }

    fn transport(&mut self) -> Pin<&mut dyn Transport> {
        Pin::new(&mut *self.0.get_mut().transport)
    }
}

/// TLS over a transport, both of which are ended together.
struct Stream<T> {
    stream: T,
    broken: Broken,
    /// A byte that was read to find out why a write failed.
    early: Option<u8>,
}

impl<T: Tls> Stream<T> {
    /// Why the server went, if it said so before a write found it gone.
    fn last_word(&mut self, cx: &mut Context<'_>) -> Option<io::Error> {
        let mut byte = [0];
        match Pin::new(&mut self.stream).poll_read(cx, &mut byte) {
            Poll::Ready(Err(error)) if error.kind() == io::ErrorKind::Other => Some(failure(error)),
            Poll::Ready(Ok(1)) => {
                self.early = Some(byte[0]);
                None
            }
            _ => None,
        }
    }

    /// Separates errors of TLS from those of the transport: with TLS 1.3 a server that misses our
    /// certificate says so after the handshake.
    fn explain<R>(&self, result: Poll<io::Result<R>>) -> Poll<io::Result<R>> {
        result.map_err(|error| match self.broken.get() {
            None if error.kind() == io::ErrorKind::Other => failure(error),
            Some(_) if error.kind() == io::ErrorKind::Other => io::Error::other(error.to_string()),
            _ => error,
        })
    }
}

fn failure(error: io::Error) -> io::Error {
    io::Error::other(of_tls("TLS failed", error))
}

impl<T: Tls> AsyncRead for Stream<T> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        if let (Some(byte), [first, ..]) = (self.early, &mut *buffer) {
            *first = byte;
            self.early = None;
            return Poll::Ready(Ok(1));
        }
        let result = Pin::new(&mut self.stream).poll_read(cx, buffer);
        self.explain(result)
    }
}

impl<T: Tls> AsyncWrite for Stream<T> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let result = Pin::new(&mut self.stream).poll_write(cx, bytes);
        if let Poll::Ready(Err(_)) = &result
            && self.broken.get().is_some()
            && self.early.is_none()
            && let Some(why) = self.last_word(cx)
        {
            return Poll::Ready(Err(why));
        }
        self.explain(result)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(Pin::new(&mut self.stream).poll_close(cx))?;
        self.stream.transport().poll_close(cx)
    }
}

/// A transport that remembers its failure, which the error of a TLS handshake does not carry.
struct Watched {
    transport: Box<dyn Transport>,
    broken: Broken,
}

type Broken = Arc<OnceLock<io::ErrorKind>>;

impl Watched {
    fn new(transport: Box<dyn Transport>) -> (Watched, Broken) {
        let broken = Broken::default();
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
