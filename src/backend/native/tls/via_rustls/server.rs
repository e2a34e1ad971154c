//! The configuration that all connections of a server share.

use std::sync::Arc;

use rustls::server::{NoServerSessionStorage, WebPkiClientVerifier};
use rustls::{RootCertStore, ServerConfig};

use super::config::{KeyLogged, alpn, provider, read, refused, revocation_lists, unfit, versions};
use super::roots;
use crate::error::Error;
use crate::tls::config::{ClientCertificates, TlsConfig};

pub(super) fn configure(config: &TlsConfig) -> Result<ServerConfig, Error> {
    let Some(identity) = &config.identity else {
        return Err(Error::invalid_input("a server needs an identity for TLS"));
    };
    let provider = provider();
    let builder = ServerConfig::builder_with_provider(provider.clone())
        .with_protocol_versions(versions(config)?)
        .map_err(refused)?;
    let builder = match config.client_certificates {
        ClientCertificates::No => builder.with_no_client_auth(),
        wanted => {
            let mut roots = RootCertStore::empty();
            for root in roots::own(config)? {
                roots.add(root).map_err(refused)?;
            }
            let verifier = WebPkiClientVerifier::builder_with_provider(roots.into(), provider)
                .with_crls(revocation_lists(config)?)
                .only_check_end_entity_revocation()
                .enforce_revocation_expiration();
            let verifier = match wanted {
                ClientCertificates::Required => verifier,
                _ => verifier.allow_unauthenticated(),
            };
            builder.with_client_cert_verifier(verifier.build().map_err(refused)?)
        }
    };
    let (chain, key) = read(identity)?;
    let mut server = builder.with_single_cert(chain, key).map_err(unfit)?;
    server.alpn_protocols = alpn(config)?;
    if !config.resumption {
        server.session_storage = Arc::new(NoServerSessionStorage {});
        server.send_tls13_tickets = 0;
    }
    if let Some(log) = &config.key_log {
        server.key_log = Arc::new(KeyLogged(log.clone()));
    }
    Ok(server)
}
