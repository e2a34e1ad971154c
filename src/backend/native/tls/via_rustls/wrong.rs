//! Maps errors of webpki to the kinds that all libraries share.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use der::asn1::{AnyRef, ObjectIdentifier, UintRef};
use der::{Decode, Tag};
use rustls::CertificateError;
use rustls::pki_types::{CertificateDer, UnixTime};
use webpki::Error as PkiError;

use crate::platform::native::certificate::x509::{X509, parts};
use crate::tls::certificate::TlsCertificate;
use crate::tls::error::{TlsError, TlsErrorKind};

const RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
const EXTENDED_KEY_USAGE: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.37");
const SERVER_AUTH: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.1");
const ANY_USAGE: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.37.0");

/// The shortest RSA key of 112 bits of security (NIST SP 800-57, part 1).
const SHORTEST_RSA: usize = 2048;

/// The certificates that a peer presents.
pub(super) struct Chain {
    own: TlsCertificate,
    others: Vec<TlsCertificate>,
}

impl Chain {
    pub(super) fn new(own: &CertificateDer<'_>, others: &[CertificateDer<'_>]) -> Chain {
        Chain {
            own: super::read(own),
            others: others.iter().map(|other| super::read(other)).collect(),
        }
    }

    /// An error of the peer's own certificate.
    pub(super) fn own(&self, kind: TlsErrorKind) -> TlsError {
        TlsError::new(kind, self.own.clone())
    }

    /// The certificate that expired at this time, or is valid from then on.
    pub(super) fn wrong_time(&self, at: UnixTime, now: UnixTime) -> TlsError {
        let time = Some(UNIX_EPOCH + Duration::from_secs(at.as_secs()));
        let is_over = at < now;
        let ends_then = |certificate: &TlsCertificate| match is_over {
            true => certificate.not_after() == time,
            false => certificate.not_before() == time,
        };
        let mut all = [&self.own].into_iter().chain(&self.others);
        let kind = match is_over {
            true => TlsErrorKind::CertificateExpired,
            false => TlsErrorKind::CertificateNotYetValid,
        };
        TlsError::new(
            kind,
            all.find(|certificate| ends_then(certificate)).cloned(),
        )
    }

    /// The errors of a certificate that is trusted by itself, which webpki does not check.
    pub(super) fn wrong_with_trusted(&self, now: UnixTime) -> Vec<TlsError> {
        use TlsErrorKind as Kind;

        let now = UNIX_EPOCH + Duration::from_secs(now.as_secs());
        let is_before = |time: Option<SystemTime>| time.is_none_or(|time| now < time);
        let is_behind = |time: Option<SystemTime>| time.is_none_or(|time| now > time);
        let found = [
            (!serves(self.own.der()), Kind::InvalidPurpose),
            (
                is_before(self.own.not_before()),
                Kind::CertificateNotYetValid,
            ),
            (is_behind(self.own.not_after()), Kind::CertificateExpired),
        ];
        let found = found.into_iter().filter(|(is_wrong, _)| *is_wrong);
        found.map(|(_, kind)| self.own(kind)).collect()
    }

    /// The errors that this one stands for, apart from times.
    pub(super) fn wrong(&self, error: &PkiError) -> Vec<TlsError> {
        use TlsErrorKind as Kind;

        let kind = match error {
            PkiError::UnknownIssuer => return self.no_issuer(),
            PkiError::CaUsedAsEndEntity if is_self_signed(&self.own) => Kind::SelfSignedCertificate,
            PkiError::EndEntityUsedAsCa => {
                let issuer = self.issuer(&self.own).cloned();
                return vec![TlsError::new(Kind::InvalidCaCertificate, issuer)];
            }
            PkiError::InvalidSignatureForPublicKey | PkiError::SignatureAlgorithmMismatch => {
                Kind::CertificateSignatureFailed
            }
            PkiError::PathLenConstraintViolated | PkiError::MaximumPathDepthExceeded => {
                Kind::PathLengthExceeded
            }
            PkiError::CertRevoked => Kind::CertificateRevoked,
            PkiError::UnknownRevocationStatus => Kind::UnableToGetRevocationList,
            PkiError::CrlExpired { .. }
            | PkiError::InvalidCrlSignatureForPublicKey
            | PkiError::UnsupportedCrlSignatureAlgorithmContext(_)
            | PkiError::UnsupportedCrlSignatureAlgorithmForPublicKeyContext(_) => {
                Kind::InvalidRevocationList
            }
            PkiError::RequiredEkuNotFoundContext(_) | PkiError::CaUsedAsEndEntity => {
                Kind::InvalidPurpose
            }
            PkiError::UnsupportedSignatureAlgorithmContext(_)
            | PkiError::UnsupportedSignatureAlgorithmForPublicKeyContext(_) => Kind::WeakSignature,
            _ => Kind::Unspecified,
        };
        vec![self.own(kind)]
    }

    /// The chain ends where nobody is trusted.
    fn no_issuer(&self) -> Vec<TlsError> {
        use TlsErrorKind as Kind;

        let mut last = &self.own;
        // Each of them once: issuers may lead in a circle.
        for _ in &self.others {
            match self.issuer(last) {
                Some(issuer) if !is_self_signed(last) => last = issuer,
                _ => break,
            }
        }
        let is_own = *last == self.own;
        if is_self_signed(last) {
            let kind = match is_own {
                true => Kind::SelfSignedCertificate,
                false => Kind::SelfSignedCertificateInChain,
            };
            return vec![TlsError::new(kind, last.clone())];
        }
        let missing = TlsError::new(Kind::UnableToGetLocalIssuerCertificate, last.clone());
        match is_own {
            true => vec![missing, self.own(Kind::UnableToVerifyFirstCertificate)],
            false => vec![missing],
        }
    }

    fn issuer(&self, certificate: &TlsCertificate) -> Option<&TlsCertificate> {
        let mut others = self.others.iter();
        others.find(|other| other.subject() == certificate.issuer())
    }

    /// Returns whether the peer's own key is one of RSA that is too short.
    pub(super) fn has_weak_key(&self) -> bool {
        rsa_bits(self.own.der()).is_some_and(|bits| bits < SHORTEST_RSA)
    }
}

fn is_self_signed(certificate: &TlsCertificate) -> bool {
    certificate.subject() == certificate.issuer()
}

/// Returns whether it may be a server's (RFC 5280 §4.2.1.12).
fn serves(certificate: &[u8]) -> bool {
    let Ok(certificate) = X509::read(certificate) else {
        return false;
    };
    let Some(usages) = certificate.extension(EXTENDED_KEY_USAGE) else {
        return true;
    };
    let usages = AnyRef::from_der(usages).and_then(|usages| parts(usages, Tag::Sequence));
    usages.is_ok_and(|usages| {
        let mut usages = usages.iter().filter_map(|usage| usage.decode_as().ok());
        usages.any(|usage| [SERVER_AUTH, ANY_USAGE].contains(&usage))
    })
}

/// The length of the modulus (RFC 8017 §A.1.1).
fn rsa_bits(certificate: &[u8]) -> Option<usize> {
    let info = X509::read(certificate).ok()?.public_key_info;
    let algorithm = parts(info.algorithm, Tag::Sequence).ok()?;
    if algorithm.first()?.decode_as() != Ok(RSA) {
        return None;
    }
    let key = parts(AnyRef::from_der(info.key).ok()?, Tag::Sequence).ok()?;
    let modulus: UintRef<'_> = key.first()?.decode_as().ok()?;
    let modulus = modulus.as_bytes();
    Some(modulus.len() * 8 - modulus.first()?.leading_zeros() as usize)
}

/// The error that rustls derives its alert from (RFC 8446 §6.2), for the first of ours.
pub(super) fn certificate_error(kind: TlsErrorKind) -> CertificateError {
    use TlsErrorKind as Kind;

    match kind {
        Kind::HostNameMismatch => CertificateError::NotValidForName,
        Kind::CertificateExpired => CertificateError::Expired,
        Kind::CertificateNotYetValid => CertificateError::NotValidYet,
        Kind::CertificateRevoked => CertificateError::Revoked,
        Kind::UnableToGetRevocationList => CertificateError::UnknownRevocationStatus,
        Kind::InvalidRevocationList => CertificateError::ExpiredRevocationList,
        Kind::CertificateSignatureFailed => CertificateError::BadSignature,
        Kind::InvalidPurpose => CertificateError::InvalidPurpose,
        Kind::WeakKey | Kind::WeakSignature | Kind::Unspecified => CertificateError::BadEncoding,
        _ => CertificateError::UnknownIssuer,
    }
}
