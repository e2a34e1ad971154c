use rustls::{AlertDescription, Error as RustlsError};

use super::connection::Context;
use crate::error::{Error, ErrorKind};
use crate::event::Event;
use crate::tls::alert::AlertLevel::Fatal;

pub(super) fn failed(what: &str, error: RustlsError) -> Error {
    Error::quoting(ErrorKind::Tls, what, error)
}

/// The error that ended TLS: the refusal that caused it, and the alert that was sent or received,
/// which is reported.
pub(super) fn refused(what: &str, error: RustlsError, context: &Context) -> Error {
    let received = match &error {
        RustlsError::AlertReceived(alert) => Some(u8::from(*alert)),
        _ => None,
    };
    let sent = sent(&error).map(u8::from);
    let received = received.map(|alert| context.tell(Fatal, alert, Event::AlertReceived));
    let sent = sent.map(|alert| context.tell(Fatal, alert, Event::AlertSent));
    let refusal = context.take_refusal();
    let failure = refusal.unwrap_or_else(|| failed(what, error));
    failure.with_alerts(sent, received)
}

/// The alert that rustls sends, where its errors determine it (RFC 8446 §6.2).
fn sent(error: &RustlsError) -> Option<AlertDescription> {
    match error {
        RustlsError::InvalidCertificate(error) => Some(error.clone().into()),
        RustlsError::NoCertificatesPresented => Some(AlertDescription::CertificateRequired),
        RustlsError::NoApplicationProtocol => Some(AlertDescription::NoApplicationProtocol),
        RustlsError::DecryptError => Some(AlertDescription::BadRecordMac),
        RustlsError::PeerSentOversizedRecord => Some(AlertDescription::RecordOverflow),
        _ => None,
    }
}
