//! The part of the context that only servers have, beside [`context`](super::context).

use openssl::ssl::{AlpnError, SslContextBuilder, SslOptions, SslSessionCacheMode, SslVerifyMode};

use super::error::internal;
use crate::error::Error;
use crate::tls::config::{ClientCertificates, TlsConfig};

pub(super) fn configure(context: &mut SslContextBuilder, config: &TlsConfig) -> Result<(), Error> {
    if config.identity.is_none() {
        return Err(Error::invalid_input("a server needs an identity for TLS"));
    }
    context.set_verify(match config.client_certificates {
        ClientCertificates::No => SslVerifyMode::NONE,
        ClientCertificates::Optional => SslVerifyMode::PEER,
        ClientCertificates::Required => SslVerifyMode::PEER | SslVerifyMode::FAIL_IF_NO_PEER_CERT,
    });
    // It would cost a client nothing, and us a handshake each time.
    context.set_options(SslOptions::NO_RENEGOTIATION);
    // Without it, clients with certificates cannot resume.
    context
        .set_session_id_context(b"qwebsocket")
        .map_err(internal)?;
    if !config.resumption {
        context.set_session_cache_mode(SslSessionCacheMode::OFF);
        context.set_options(SslOptions::NO_TICKET);
        context.set_num_tickets(0).map_err(internal)?;
    }
    if !config.alpn.is_empty() {
        let ours = config.alpn.clone();
        // RFC 7301 §3.2: without a protocol in common there is no connection.
        context.set_alpn_select_callback(move |_, theirs| {
            choose(&ours, theirs).ok_or(AlpnError::ALERT_FATAL)
        });
    }
    Ok(())
}

/// The first of our protocols that is among theirs.
fn choose<'a>(ours: &[String], theirs: &'a [u8]) -> Option<&'a [u8]> {
    let find = |protocol: &String| {
        let mut rest = theirs;
        while let Some((length, behind)) = rest.split_first() {
            let (offered, next) = behind.split_at_checked(usize::from(*length))?;
            if offered == protocol.as_bytes() {
                return Some(offered);
            }
            rest = next;
        }
        None
    };
    ours.iter().find_map(find)
}
