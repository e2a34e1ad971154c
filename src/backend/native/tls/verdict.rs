//! Judges the errors of the peer's certificates.

use super::library::Peer;
use crate::decision::Decision;
use crate::error::{Error, ErrorKind};
use crate::event::Event;
use crate::tls::config::TlsConfig;
use crate::tls::error::{AcceptErrors, TlsError, TlsErrorKind, TlsErrors};
use crate::tls::verify_mode::VerifyMode;

/// Checks that to go on in spite of these errors, at least one; if not, the error of the
/// connection.
pub(crate) async fn judge(
    config: &TlsConfig,
    peer: &Peer,
    errors: Vec<TlsError>,
) -> Result<(), Error> {
    let is_query = config.verification == VerifyMode::Query;
    // The order in which Qt finds them.
    let (names, others): (Vec<_>, Vec<_>) = errors.iter().partition(|error| is_name(error));
    let found = || others.iter().chain(&names).copied().cloned();
    if config.interrupt && !is_query {
        for first in found().take(1) {
            let (decision, answer) = Decision::new(first.clone());
            peer.sink.tell(Event::HandshakeInterrupted(decision));
            if answer.await.is_none() {
                return Err(refused(vec![first]));
            }
        }
    }
    for error in found() {
        peer.sink.tell(Event::PeerVerifyError(error));
    }
    let is_listed = |listed: &[TlsError]| errors.iter().all(|error| listed.contains(error));
    if is_query || config.ignore_all || is_listed(&config.ignored) {
        return Ok(());
    }
    if config.ask_errors {
        let (decision, answer) = Decision::new(TlsErrors {
            host: peer.host.clone(),
            errors: errors.clone(),
        });
        peer.sink.tell(Event::TlsErrors(decision));
        match answer.await {
            Some(AcceptErrors::All) => return Ok(()),
            Some(AcceptErrors::Listed(listed)) if is_listed(&listed) => return Ok(()),
            _ => {}
        }
    }
    Err(refused(errors))
}

fn refused(errors: Vec<TlsError>) -> Error {
    let text = errors.first().map(TlsError::to_string);
    Error::new(ErrorKind::Tls, text.unwrap_or_default()).with_tls_errors(errors)
}

pub(crate) fn is_name(error: &TlsError) -> bool {
    error.kind() == TlsErrorKind::HostNameMismatch
}
