//! TLS by rustls: no C library of TLS, and most of what OpenSSL can do.
//!
//! A verifier of rustls answers at once. It writes down everything that is wrong with a certificate;
//! where the application is to be asked, the handshake goes on in a thread of its own, which waits
//! for the answer inside the verifier. Nothing of ours leaves meanwhile, neither our certificate nor
//! the end of our handshake, and a refusal ends with the alert that rustls has for it.

mod config;
mod connection;
mod error;
mod exchange;
mod handshake;
mod ready;
mod roots;
#[cfg(feature = "server")]
mod server;
mod sessions;
mod stream;
mod verify;
mod wrong;

use std::sync::Arc;

use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection, Connection, HandshakeKind, ProtocolVersion};

use self::connection::Context;
pub(crate) use self::ready::check_ready;
use super::library::{End, Library, Peer, Secured, Securing};
use crate::error::Error;
use crate::features::Features;
use crate::platform::native::certificate;
use crate::tls::certificate::TlsCertificate;
use crate::tls::config::TlsConfig;
use crate::tls::error::TlsError;
use crate::tls::info::{TlsInfo, TlsVersion};

pub(crate) const FEATURES: Features = Features::TLS_CONFIG
    .union(Features::TLS_ERRORS)
    .union(Features::TLS_INTERRUPTION)
    .union(Features::TLS_ALERTS)
    .union(Features::TLS_INFO)
    .union(Features::TLS_CHAIN)
    .union(Features::TLS_SESSIONS)
    .union(Features::TLS_KEY_LOG)
    .union(Features::CLIENT_CERTIFICATES)
    .union(Features::ALPN);

pub(crate) struct Rustls {
    end: Configured,
    config: Arc<TlsConfig>,
}

/// The configurations of rustls.
enum Configured {
    Client {
        to_server: Arc<ClientConfig>,
        /// Without the protocols of ALPN, which are the server's.
        to_proxy: Arc<ClientConfig>,
    },
    #[cfg(feature = "server")]
    Server(Arc<rustls::ServerConfig>),
}

impl Rustls {
    pub(crate) fn new(config: &TlsConfig, end: End) -> Result<Rustls, Error> {
        let end = match end {
            End::Client => {
                let to_server = match &config.rustls_config {
                    Some(ready) => ready.0.clone(),
                    None => config::client(config)?.into(),
                };
                let mut to_proxy = ClientConfig::clone(&to_server);
                to_proxy.alpn_protocols.clear();
                Configured::Client {
                    to_server,
                    to_proxy: to_proxy.into(),
                }
            }
            #[cfg(feature = "server")]
            End::Server => Configured::Server(server::configure(config)?.into()),
        };
        Ok(Rustls {
            end,
            config: config.clone().into(),
        })
    }

    /// A connection to come, and what its verification needs.
    fn start(&self, peer: &Peer) -> Result<(Connection, Arc<Context>), Error> {
        let name = match &self.config.server_name {
            Some(name) if !peer.is_proxy => name,
            _ => &peer.host,
        };
        let context = Arc::new(Context::new(self.config.clone(), peer));
        let connection = match &self.end {
            Configured::Client {
                to_server,
                to_proxy,
            } => {
                let name = ServerName::try_from(name.clone()).map_err(|error| {
                    let text = format!("no certificate can name {name:?}");
                    Error::invalid_input(text).with_source(error)
                })?;
                let config = if peer.is_proxy { to_proxy } else { to_server };
                let connecting = || ClientConnection::new(config.clone(), name);
                connection::within(&context, connecting).map(Connection::from)
            }
            #[cfg(feature = "server")]
            Configured::Server(config) => {
                rustls::ServerConnection::new(config.clone()).map(Connection::from)
            }
        };
        let connection = connection.map_err(|error| error::failed("TLS failed", error))?;
        Ok((connection, context))
    }
}

impl Library for Rustls {
    fn secure<'a>(&'a self, transport: Box<dyn super::Transport>, peer: &'a Peer) -> Securing<'a> {
        Box::pin(async move {
            let (connection, context) = self.start(peer)?;
            let stream = handshake::run(connection, &context, transport, peer).await?;
            let info = info(stream.tls(), context.errors());
            Ok(Secured {
                transport: Box::new(stream),
                info,
            })
        })
    }
}

fn info(tls: &Connection, ignored_errors: Vec<TlsError>) -> TlsInfo {
    let alpn = tls.alpn_protocol();
    let suite = tls.negotiated_cipher_suite();
    let certificates = tls.peer_certificates().unwrap_or_default();
    TlsInfo {
        version: tls.protocol_version().and_then(version),
        cipher: suite.and_then(|suite| suite.suite().as_str().map(name)),
        alpn: alpn.map(|name| String::from_utf8_lossy(name).into_owned()),
        resumed: Some(tls.handshake_kind() == Some(HandshakeKind::Resumed)),
        peer_certificates: certificates.iter().map(|c| read(c)).collect(),
        ignored_errors,
    }
}

fn version(version: ProtocolVersion) -> Option<TlsVersion> {
    match version {
        ProtocolVersion::TLSv1_2 => Some(TlsVersion::Tls1_2),
        ProtocolVersion::TLSv1_3 => Some(TlsVersion::Tls1_3),
        _ => None,
    }
}

/// OpenSSL's name of a suite: `TLS_AES_128_GCM_SHA256`, `ECDHE-RSA-AES128-GCM-SHA256`,
/// `ECDHE-RSA-CHACHA20-POLY1305`.
fn name(suite: &str) -> String {
    if let Some(suite) = suite.strip_prefix("TLS13_") {
        return format!("TLS_{suite}");
    }
    let suite = suite.strip_prefix("TLS_").unwrap_or(suite);
    let suite = suite.replace("_WITH_", "-").replace("AES_", "AES");
    let suite = suite.replace('_', "-");
    match suite.strip_suffix("-POLY1305-SHA256") {
        Some(suite) => format!("{suite}-POLY1305"),
        None => suite,
    }
}

fn read(certificate: &[u8]) -> TlsCertificate {
    TlsCertificate::new(certificate::read(certificate.to_vec()))
}

#[cfg(test)]
mod tests {
    use super::name;

    #[test]
    fn suites_have_the_names_of_openssl() {
        for (suite, expected) in [
            ("TLS13_AES_256_GCM_SHA384", "TLS_AES_256_GCM_SHA384"),
            (
                "TLS13_CHACHA20_POLY1305_SHA256",
                "TLS_CHACHA20_POLY1305_SHA256",
            ),
            (
                "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
                "ECDHE-RSA-AES128-GCM-SHA256",
            ),
            (
                "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
                "ECDHE-ECDSA-AES256-GCM-SHA384",
            ),
            (
                "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
                "ECDHE-RSA-CHACHA20-POLY1305",
            ),
        ] {
            assert_eq!(name(suite), expected);
        }
    }
}
