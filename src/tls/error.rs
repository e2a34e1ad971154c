use std::error::Error as StdError;
use std::fmt;

use super::certificate::TlsCertificate;
use crate::decision::{Question, Sealed};

/// An error of a peer's certificate: Qt's `QSslError`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlsError {
    kind: TlsErrorKind,
    certificate: Option<TlsCertificate>,
}

/// The question of [`Event::TlsErrors`](crate::Event::TlsErrors): the errors of the peer's
/// certificates, and whether to continue regardless.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlsErrors {
    pub(crate) host: String,
    pub(crate) errors: Vec<TlsError>,
}

/// The answer to [`TlsErrors`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AcceptErrors {
    /// Accepts all errors: Qt's `ignoreSslErrors()`.
    All,
    /// Accepts the errors if each is among these, with its certificate: Qt's
    /// `ignoreSslErrors(errors)`.
    Listed(Vec<TlsError>),
}

impl TlsError {
    /// An error for comparison, for [`TlsConfig::ignore_errors`](crate::TlsConfig::ignore_errors)
    /// and [`AcceptErrors::Listed`].
    pub fn new(kind: TlsErrorKind, certificate: impl Into<Option<TlsCertificate>>) -> TlsError {
        TlsError {
            kind,
            certificate: certificate.into(),
        }
    }

    /// The kind of the error.
    pub fn kind(&self) -> TlsErrorKind {
        self.kind
    }

    /// The certificate that has the error, if there is one.
    pub fn certificate(&self) -> Option<&TlsCertificate> {
        self.certificate.as_ref()
    }
}

impl TlsErrors {
    /// The host that the certificate is of, as the URL has it, or the proxy's.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The errors, at least one: a name that does not match first, the others from the root of the
    /// chain to its end.
    pub fn errors(&self) -> &[TlsError] {
        &self.errors
    }
}

impl Sealed for TlsErrors {}

impl Question for TlsErrors {
    type Answer = AcceptErrors;
}

impl Sealed for TlsError {}

/// As the question of [`Event::HandshakeInterrupted`](crate::Event::HandshakeInterrupted): whether
/// to continue in spite of it.
impl Question for TlsError {
    type Answer = ();
}

impl fmt::Display for TlsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.kind.text())
    }
}

impl StdError for TlsError {}

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident: $text:literal;)+) => {
        /// The kinds of [`TlsError`]; Qt's names.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum TlsErrorKind {
            $($(#[$doc])* #[doc = $text] $name,)+
        }

        impl TlsErrorKind {
            fn text(self) -> &'static str {
                match self {
                    $(TlsErrorKind::$name => $text,)+
                }
            }
        }
    };
}

kinds! {
    UnableToGetIssuerCertificate: "The issuer certificate could not be found";
    UnableToDecryptCertificateSignature: "The certificate signature could not be decrypted";
    UnableToDecodeIssuerPublicKey: "The public key in the certificate could not be read";
    CertificateSignatureFailed: "The signature of the certificate is invalid";
    CertificateNotYetValid: "The certificate is not yet valid";
    CertificateExpired: "The certificate has expired";
    InvalidNotBeforeField: "The certificate's notBefore field contains an invalid time";
    InvalidNotAfterField: "The certificate's notAfter field contains an invalid time";
    SelfSignedCertificate: "The certificate is self-signed, and untrusted";
    SelfSignedCertificateInChain: "The root certificate of the certificate chain is self-signed, and untrusted";
    UnableToGetLocalIssuerCertificate: "The issuer certificate of a locally looked up certificate could not be found";
    UnableToVerifyFirstCertificate: "No certificates could be verified";
    CertificateRevoked: "The certificate has been revoked";
    InvalidCaCertificate: "One of the CA certificates is invalid";
    PathLengthExceeded: "The chain of certificates is longer than it may be";
    InvalidPurpose: "The supplied certificate is unsuitable for this purpose";
    CertificateUntrusted: "The root CA certificate is not trusted for this purpose";
    CertificateRejected: "The root CA certificate is marked to reject the specified purpose";
    SubjectIssuerMismatch: "The current candidate issuer certificate was rejected because its subject name did not match the issuer name of the current certificate";
    AuthorityIssuerSerialNumberMismatch: "The current candidate issuer certificate was rejected because its issuer name and serial number was present and did not match the authority key identifier of the current certificate";
    NoPeerCertificate: "The peer did not present any certificate";
    HostNameMismatch: "The host name did not match any of the valid hosts for this certificate";
    WeakKey: "A key in the certificate chain is too weak";
    WeakSignature: "A signature in the certificate chain is made with a digest that is too weak";
    UnableToGetRevocationList: "There is no list of revoked certificates of this issuer";
    InvalidRevocationList: "The list of revoked certificates is invalid or out of date";
    Unspecified: "The certificate is not accepted, for a reason that has no name here";
}
