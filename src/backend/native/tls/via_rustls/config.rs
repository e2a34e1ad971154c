//! The parts of a configuration that all its connections share.

use std::fmt;
use std::sync::Arc;

use rustls::client::Resumption;
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, CertificateRevocationListDer, PrivateKeyDer};
use rustls::{ClientConfig, KeyLog, SupportedProtocolVersion, version};

use super::connection::current;
use super::roots::Roots;
use super::sessions::Sessions;
use super::verify::Verifier;
use crate::backend::native::tls::{closure, pem};
use crate::error::{Error, ErrorKind};
use crate::features::Features;
use crate::tls::config::{self, TlsConfig};
use crate::tls::identity::{IdentityForm, TlsIdentity};
use crate::tls::info::TlsVersion;

pub(super) fn client(config: &TlsConfig) -> Result<ClientConfig, Error> {
    let provider = provider();
    let verifier = Verifier::new(
        Roots::of(config)?,
        revocation_lists(config)?,
        config,
        provider.signature_verification_algorithms,
    )?;
    let builder = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(versions(config)?)
        .map_err(refused)?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier));
    let mut client = match &config.identity {
        Some(identity) => {
            let (chain, key) = read(identity)?;
            builder.with_client_auth_cert(chain, key).map_err(unfit)?
        }
        None => builder.with_no_client_auth(),
    };
    client.alpn_protocols = alpn(config)?;
    client.resumption = match config.resumption {
        true => Resumption::store(Arc::<Sessions>::default()),
        false => Resumption::disabled(),
    };
    if let Some(log) = &config.key_log {
        client.key_log = Arc::new(KeyLogged(log.clone()));
    }
    Ok(client)
}

/// That of the process, if the application has chosen one.
pub(super) fn provider() -> Arc<CryptoProvider> {
    let chosen = CryptoProvider::get_default().cloned();
    chosen.unwrap_or_else(|| Arc::new(ring::default_provider()))
}

pub(super) fn alpn(config: &TlsConfig) -> Result<Vec<Vec<u8>>, Error> {
    config.check_alpn()?;
    let protocols = config.alpn.iter();
    Ok(protocols.map(|name| name.as_bytes().to_vec()).collect())
}

pub(super) fn versions(
    config: &TlsConfig,
) -> Result<&'static [&'static SupportedProtocolVersion], Error> {
    const TLS_1_2: &[&SupportedProtocolVersion] = &[&version::TLS12];
    const TLS_1_3: &[&SupportedProtocolVersion] = &[&version::TLS13];
    const BOTH: &[&SupportedProtocolVersion] = &[&version::TLS13, &version::TLS12];

    config.check_versions()?;
    let has_1_2 = config.min_version <= TlsVersion::Tls1_2;
    let has_1_3 = config
        .max_version
        .is_none_or(|max| max >= TlsVersion::Tls1_3);
    Ok(match (has_1_2, has_1_3) {
        (true, true) => BOTH,
        (false, true) => TLS_1_3,
        _ => TLS_1_2,
    })
}

pub(super) fn read(
    identity: &TlsIdentity,
) -> Result<(Vec<CertificateDer<'static>>, PrivateKeyDer<'static>), Error> {
    const ENCRYPTED: &str =
        "the private key is encrypted, which the library `rustls` does not take";

    match &identity.form {
        IdentityForm::Pem { chain, key, .. } => {
            pem::identity(&chain.read()?, &key.read()?, ENCRYPTED)
        }
        IdentityForm::Pkcs12 { file, .. } => {
            file.read()?;
            let text = "the library `rustls` does not take PKCS#12";
            Err(Error::new(
                ErrorKind::Unsupported(Features::ENCRYPTED_KEY),
                text,
            ))
        }
    }
}

pub(super) fn revocation_lists(
    config: &TlsConfig,
) -> Result<Vec<CertificateRevocationListDer<'static>>, Error> {
    let mut all = Vec::new();
    for source in &config.crls {
        let lists = CertificateRevocationListDer::pem_slice_iter(&source.read()?)
            .collect::<Result<Vec<_>, _>>()
            .map_err(|error| {
                Error::invalid_input("a list of revoked certificates is malformed")
                    .with_source(error)
            })?;
        if lists.is_empty() {
            let text = "a PEM text holds no list of revoked certificates";
            return Err(Error::invalid_input(text));
        }
        all.extend(lists);
    }
    Ok(all)
}

pub(super) fn refused(error: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error::quoting(ErrorKind::InvalidInput, "rustls does not take this", error)
}

pub(super) fn unfit(error: rustls::Error) -> Error {
    let text = "the private key does not belong to the certificate, or is of an unknown kind";
    Error::invalid_input(text).with_source(error)
}

/// Lines as NSS has them.
pub(super) struct KeyLogged(pub(super) config::KeyLog);

impl KeyLog for KeyLogged {
    fn log(&self, label: &str, client_random: &[u8], secret: &[u8]) {
        let hex = |bytes: &[u8]| {
            bytes
                .iter()
                .map(|byte| format!("{byte:02x}"))
                .collect::<String>()
        };
        let line = format!("{label} {} {}", hex(client_random), hex(secret));
        if closure::catch(|| (self.0.0)(&line)).is_none()
            && let Some(context) = current()
        {
            context.set_panicked();
        }
    }
}

impl fmt::Debug for KeyLogged {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyLogged").finish_non_exhaustive()
    }
}
