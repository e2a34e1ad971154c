//! Kinds of the errors of the platforms' libraries, which only their texts reveal.

use std::error::Error as StdError;

use crate::error::{Error, ErrorKind};
use crate::tls::alert::{Alert, AlertKind, AlertLevel};
use crate::tls::error::{TlsError, TlsErrorKind};

/// Parts of the texts: those of OpenSSL (`X509_verify_cert_error_string(3)`), and the numbers of
/// SChannel (`winerror.h`) and Secure Transport (`SecureTransport.h`), since their words are in the
/// user's language.
const CERTIFICATE_ERRORS: &[(&str, TlsErrorKind)] = {
    use TlsErrorKind as Kind;

    &[
        ("(hostname mismatch)", Kind::HostNameMismatch),
        ("(Hostname mismatch)", Kind::HostNameMismatch),
        ("(IP address mismatch)", Kind::HostNameMismatch),
        ("(os error -2146762481)", Kind::HostNameMismatch),
        ("code: -9843", Kind::HostNameMismatch),
        ("(certificate has expired)", Kind::CertificateExpired),
        ("(os error -2146762495)", Kind::CertificateExpired),
        ("code: -9814", Kind::CertificateExpired),
        (
            "(certificate is not yet valid)",
            Kind::CertificateNotYetValid,
        ),
        ("code: -9815", Kind::CertificateNotYetValid),
        ("(self-signed certificate)", Kind::SelfSignedCertificate),
        ("(self signed certificate)", Kind::SelfSignedCertificate),
        (
            "(self-signed certificate in certificate chain)",
            Kind::SelfSignedCertificateInChain,
        ),
        (
            "(self signed certificate in certificate chain)",
            Kind::SelfSignedCertificateInChain,
        ),
        (
            "(unable to get local issuer certificate)",
            Kind::UnableToGetLocalIssuerCertificate,
        ),
        (
            "(os error -2146762486)",
            Kind::UnableToGetLocalIssuerCertificate,
        ),
        ("code: -9813", Kind::UnableToGetLocalIssuerCertificate),
        (
            "(unable to get issuer certificate)",
            Kind::UnableToGetIssuerCertificate,
        ),
        (
            "(unable to verify the first certificate)",
            Kind::UnableToVerifyFirstCertificate,
        ),
        (
            "(certificate signature failure)",
            Kind::CertificateSignatureFailed,
        ),
        ("(os error -2146869244)", Kind::CertificateSignatureFailed),
        ("(os error -2146762487)", Kind::CertificateUntrusted),
        ("code: -9812", Kind::CertificateUntrusted),
        ("(certificate revoked)", Kind::CertificateRevoked),
        ("(os error -2146762484)", Kind::CertificateRevoked),
        ("(invalid CA certificate)", Kind::InvalidCaCertificate),
        ("(unsuitable certificate purpose)", Kind::InvalidPurpose),
        ("(unsupported certificate purpose)", Kind::InvalidPurpose),
        ("(os error -2146762480)", Kind::InvalidPurpose),
        (
            "(path length constraint exceeded)",
            Kind::PathLengthExceeded,
        ),
        ("(certificate chain too long)", Kind::PathLengthExceeded),
        ("(EE certificate key too weak)", Kind::WeakKey),
        ("(CA certificate key too weak)", Kind::WeakKey),
        (
            "(CA signature digest algorithm too weak)",
            Kind::WeakSignature,
        ),
    ]
};

/// An error of TLS, with what is known of its reason.
pub(super) fn of_tls<E>(what: &str, error: E) -> Error
where
    E: StdError + Send + Sync + 'static,
{
    // Secure Transport has its number in the second form only.
    let told = format!("{error} {error:?}");
    // As a source the library's own error would say its text twice.
    let failure = match certificate_error(&told) {
        Some(wrong) => Error::new(ErrorKind::Tls, wrong.to_string())
            .with_tls_errors(vec![wrong])
            .with_source(error.to_string()),
        None => Error::new(ErrorKind::Tls, format!("{what}: {error}")),
    };
    failure.with_alerts(None, alert(&told))
}

fn certificate_error(told: &str) -> Option<TlsError> {
    let known = CERTIFICATE_ERRORS.iter();
    let (_, kind) = known.copied().find(|(text, _)| told.contains(text))?;
    Some(TlsError::new(kind, None))
}

/// The peer's alert that ended TLS, where OpenSSL reports it.
fn alert(told: &str) -> Option<Alert> {
    let (_, number) = told.split_once("SSL alert number ")?;
    let end = number.find(|c: char| !c.is_ascii_digit());
    let number = number[..end.unwrap_or(number.len())].parse().ok()?;
    Some(Alert {
        level: AlertLevel::Fatal,
        kind: AlertKind::new(number),
    })
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;

    /// What each library says, as far as it can be said here.
    #[test]
    fn the_kind_is_read_from_what_a_library_says() {
        for (text, kind) in [
            (
                "error:0A000086:SSL routines:tls_post_process_server_certificate:certificate \
                 verify failed:ssl/statem/statem_clnt.c:1889: (certificate has expired)",
                TlsErrorKind::CertificateExpired,
            ),
            (
                "Der Zielprinzipalname ist falsch. (os error -2146762481)",
                TlsErrorKind::HostNameMismatch,
            ),
            (
                "Error { code: -9812, message: \"unknown root\" }",
                TlsErrorKind::CertificateUntrusted,
            ),
        ] {
            let error = of_tls("TLS failed", io::Error::other(text));
            let told: Vec<_> = error.tls_errors().iter().map(TlsError::kind).collect();
            assert_eq!(told, [kind], "{text}");
            assert_eq!(error.to_string(), error.tls_errors()[0].to_string());
        }
    }

    #[test]
    fn the_alert_is_read_from_what_openssl_says() {
        let text = "error:0A00045C:SSL routines:ssl3_read_bytes:tlsv13 alert certificate \
                    required:ssl/record/rec_layer_s3.c:1584:SSL alert number 116";
        let error = of_tls("TLS failed", io::Error::other(text));
        let kind = error.alert_received().map(|alert| alert.kind());
        assert_eq!(kind, Some(AlertKind::CERTIFICATE_REQUIRED));
        assert!(error.tls_errors().is_empty());
        assert!(error.to_string().starts_with("TLS failed: "));
        assert_eq!(
            of_tls("TLS failed", io::Error::other("")).alert_received(),
            None
        );
    }
}
