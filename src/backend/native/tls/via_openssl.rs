//! TLS by OpenSSL 3, which can do all of it.
//!
//! The certificates of the peer are verified twice: the first time everything that is wrong is
//! written down, and the handshake is suspended if something is; the second time, when it is
//! decided, they pass or the peer gets the alert that OpenSSL has for it. In between nothing of ours
//! leaves, neither our certificate nor the end of our handshake.

mod context;
mod error;
mod extra_data;
mod ffi;
#[cfg(feature = "server")]
mod server;
mod sessions;
mod stream;
mod verify;

use std::future::poll_fn;
use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use openssl::error::ErrorStack;
use openssl::ssl::{Ssl, SslContext, SslRef, SslVerifyMode, SslVersion};
use openssl::x509::X509Ref;
use openssl::x509::verify::X509CheckFlags;

use self::error::internal;
use self::extra_data::ExtraData;
use self::sessions::Sessions;
use self::stream::{Progress, Stream};
use self::verify::Verification;
use super::library::{End, Library, Peer, Secured, Securing};
use super::verdict;
use crate::backend::native::timeout::timeout;
use crate::backend::native::transport::Transport;
use crate::error::Error;
use crate::features::Features;
use crate::platform::native::certificate;
use crate::platform::now;
use crate::tls::certificate::TlsCertificate;
use crate::tls::config::TlsConfig;
use crate::tls::error::TlsError;
use crate::tls::error::TlsErrorKind;
use crate::tls::info::{TlsInfo, TlsVersion};
use crate::tls::verify_mode::VerifyMode;

pub(crate) const FEATURES: Features = Features::TLS_CONFIG
    .union(Features::TLS_ERRORS)
    .union(Features::TLS_INTERRUPTION)
    .union(Features::TLS_ALERTS)
    .union(Features::PRE_SHARED_KEY)
    .union(Features::TLS_INFO)
    .union(Features::TLS_CIPHERS)
    .union(Features::TLS_CHAIN)
    .union(Features::TLS_SESSIONS)
    .union(Features::TLS_KEY_LOG)
    .union(Features::ENCRYPTED_KEY)
    .union(Features::CLIENT_CERTIFICATES)
    .union(Features::ALPN);

pub(crate) struct OpenSsl {
    context: SslContext,
    end: End,
    config: TlsConfig,
    sessions: Arc<Sessions>,
}

impl OpenSsl {
    pub(crate) fn new(config: &TlsConfig, end: End) -> Result<OpenSsl, Error> {
        let sessions = Arc::<Sessions>::default();
        Ok(OpenSsl {
            context: context::build(config, end, &sessions)?,
            end,
            config: config.clone(),
            sessions,
        })
    }

    /// A connection to come, and the verification of its peer.
    fn start(&self, peer: &Peer) -> Result<(Ssl, Arc<Verification>), ErrorStack> {
        let mut ssl = Ssl::new(&self.context)?;
        let verification = Arc::<Verification>::default();
        let mut session_key = None;
        if self.end == End::Client {
            let name = match &self.config.server_name {
                Some(name) if !peer.is_proxy => name,
                _ => &peer.host,
            };
            expect_host(&mut ssl, name)?;
            if !peer.is_proxy {
                ssl.set_alpn_protos(&context::wire_form(&self.config.alpn))?;
            }
            match self.config.verification {
                VerifyMode::None => ssl.set_verify(SslVerifyMode::NONE),
                _ => verification.watch(&mut ssl),
            }
            // A session of TLS 1.3 and an own key are offered in the same place.
            if self.config.resumption && self.config.pre_shared_key.is_none() {
                let key = format!("{name}:{}:{}", peer.port, peer.is_proxy);
                self.sessions.offer(&key, &mut ssl)?;
                session_key = Some(key);
            }
        }
        let extra_data = ExtraData {
            sink: peer.sink.clone(),
            session_key,
            is_flawless: AtomicBool::new(true),
            offered_key: AtomicBool::new(false),
            has_panicked: AtomicBool::new(false),
            alert_sent: OnceLock::new(),
            alert_received: OnceLock::new(),
        };
        ssl.set_ex_data(ffi::index(), extra_data);
        Ok((ssl, verification))
    }

    /// Does the handshake; gives the errors that were let pass.
    async fn shake_hands(
        &self,
        stream: &mut Stream,
        verification: &Verification,
        peer: &Peer,
    ) -> Result<Vec<TlsError>, Error> {
        let mut refusal = None;
        let mut limit = peer.limit;
        loop {
            let step = poll_fn(|cx| stream.poll_handshake(cx, self.end));
            let start = now();
            match timeout(limit, "the TLS handshake took too long", step).await {
                Ok(Progress::Done) => break,
                Ok(Progress::Suspended) => {
                    let taken = now() - start;
                    limit = limit.map(|limit| limit.saturating_sub(taken));
                    let judged = verdict::judge(&self.config, peer, verification.errors()).await;
                    verification.decide(judged.is_ok());
                    refusal = judged.err();
                }
                Err(error) => {
                    return Err(refusal.map_or(error, |refusal| stream.with_alerts(refusal)));
                }
            }
        }
        let mut errors = verification.errors();
        let ssl = stream.ssl();
        let certificate = ssl.peer_certificate();
        verification.settle(&self.config, certificate.as_deref());
        let is_anonymous = certificate.is_none() && !is_by_key(ssl);
        // Only ciphers that were chosen for it get this far without a certificate.
        if self.end == End::Client && self.config.verification != VerifyMode::None && is_anonymous {
            errors = vec![TlsError::new(TlsErrorKind::NoPeerCertificate, None)];
            verdict::judge(&self.config, peer, errors.clone()).await?;
        }
        Ok(errors)
    }
}

impl Library for OpenSsl {
    fn secure<'a>(&'a self, transport: Box<dyn Transport>, peer: &'a Peer) -> Securing<'a> {
        Box::pin(async move {
            let (ssl, verification) = self.start(peer).map_err(internal)?;
            let mut stream = Stream::new(ssl, transport).map_err(internal)?;
            let ignored_errors = self.shake_hands(&mut stream, &verification, peer).await?;
            let info = info(stream.ssl(), ignored_errors);
            Ok(Secured {
                transport: Box::new(stream),
                info,
            })
        })
    }
}

/// Sets the name that the certificate must have, and sends it to the server unless it is an address
/// (RFC 6066 §3).
fn expect_host(ssl: &mut SslRef, name: &str) -> Result<(), ErrorStack> {
    let expected = ssl.param_mut();
    // A common name is no host (RFC 9525 §2).
    expected
        .set_hostflags(X509CheckFlags::NO_PARTIAL_WILDCARDS | X509CheckFlags::NEVER_CHECK_SUBJECT);
    match name.parse::<IpAddr>() {
        Ok(address) => expected.set_ip(address),
        Err(_) => {
            expected.set_host(name)?;
            ssl.set_hostname(name)
        }
    }
}

/// Returns whether both sides know each other by a key that they had before.
fn is_by_key(ssl: &SslRef) -> bool {
    let connection = ssl.ex_data(ffi::index());
    let offered = connection.is_some_and(|c| c.offered_key.load(Ordering::Relaxed));
    let has_cipher_for_it = || {
        let cipher = ssl.current_cipher();
        cipher.is_some_and(|cipher| cipher.name().contains("PSK"))
    };
    // TLS 1.3 calls it a session.
    offered && (ssl.session_reused() || has_cipher_for_it())
}

fn info(ssl: &SslRef, ignored_errors: Vec<TlsError>) -> TlsInfo {
    let own = ssl.peer_certificate();
    // A server's does not hold the client's own certificate.
    let chain = ssl.peer_cert_chain().into_iter().flatten();
    let others = chain.filter(|c| own.as_deref() != Some(*c));
    let certificates = own.as_deref().into_iter().chain(others);
    let alpn = ssl.selected_alpn_protocol();
    TlsInfo {
        version: ssl.version2().and_then(version),
        cipher: ssl.current_cipher().map(|cipher| cipher.name().to_owned()),
        alpn: alpn.map(|name| String::from_utf8_lossy(name).into_owned()),
        resumed: Some(ssl.session_reused() && !is_by_key(ssl)),
        peer_certificates: certificates.filter_map(read).collect(),
        ignored_errors,
    }
}

fn version(version: SslVersion) -> Option<TlsVersion> {
    match version {
        SslVersion::TLS1 => Some(TlsVersion::Tls1_0),
        SslVersion::TLS1_1 => Some(TlsVersion::Tls1_1),
        SslVersion::TLS1_2 => Some(TlsVersion::Tls1_2),
        SslVersion::TLS1_3 => Some(TlsVersion::Tls1_3),
        _ => None,
    }
}

fn read(certificate: &X509Ref) -> Option<TlsCertificate> {
    certificate
        .to_der()
        .ok()
        .map(certificate::read)
        .map(TlsCertificate::new)
}
