//! The peer's certificates: what is wrong with them, and whether that matters.

use std::ffi::c_int;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use openssl::error::ErrorStack;
use openssl::hash::{DigestBytes, MessageDigest};
use openssl::ssl::{SslRef, SslVerifyMode};
use openssl::x509::{X509Ref, X509StoreContextRef, X509VerifyResult};
use openssl_sys as sys;

use super::ffi;
use crate::backend::native::tls::verdict::is_name;
use crate::tls::config::TlsConfig;
use crate::tls::error::{TlsError, TlsErrorKind};
use crate::tls::verify_mode::VerifyMode;

/// The verification of one peer.
#[derive(Default)]
pub(crate) struct Verification(Mutex<State>);

#[derive(Default)]
struct State {
    errors: Vec<TlsError>,
    /// Whether the errors are let pass, once that is decided.
    verdict: Option<bool>,
    /// Set behind the handshake.
    settled: Option<Settled>,
}

/// The verdict that a renegotiation is held to.
struct Settled {
    certificate: Option<DigestBytes>,
    /// Whether all errors are let pass.
    lets_all: bool,
}

impl Verification {
    /// Looks at what the peer of this connection shows.
    pub(crate) fn watch(self: &Arc<Verification>, ssl: &mut SslRef) {
        let verification = self.clone();
        ssl.set_verify_callback(SslVerifyMode::PEER, move |is_good, context| {
            if !verification.is_same(context) {
                context.set_error(X509VerifyResult::APPLICATION_VERIFICATION);
                return false;
            }
            is_good || verification.lets_pass(context)
        });
    }

    /// The handshake is over: who the peer is was decided, and nothing is asked any more.
    pub(crate) fn settle(&self, config: &TlsConfig, certificate: Option<&X509Ref>) {
        let mut state = self.state();
        state.verdict.get_or_insert(false);
        state.settled = Some(Settled {
            certificate: certificate.and_then(fingerprint),
            lets_all: config.ignore_all || config.verification == VerifyMode::Query,
        });
    }

    /// The errors found so far: a name that does not match comes first, as in Qt.
    pub(crate) fn errors(&self) -> Vec<TlsError> {
        let mut errors = self.state().errors.clone();
        errors.sort_by_key(|error| !is_name(error));
        errors
    }

    pub(crate) fn decide(&self, is_accepted: bool) {
        self.state().verdict = Some(is_accepted);
    }

    /// Returns whether it is the certificate that the peer had before. With another one in a
    /// renegotiation, neither pins nor what was accepted would hold.
    fn is_same(&self, context: &X509StoreContextRef) -> bool {
        let state = self.state();
        let Some(settled) = &state.settled else {
            return true;
        };
        let shown = context.current_cert().and_then(fingerprint);
        context.error_depth() != 0 || shown.as_deref() == settled.certificate.as_deref()
    }

    fn lets_pass(&self, context: &X509StoreContextRef) -> bool {
        // Clears errors that OpenSSL queued on the way, which would be taken for those of another
        // call.
        let _ = ErrorStack::get();
        let certificate = context.current_cert().and_then(super::read);
        let error = TlsError::new(kind(context.error()), certificate);
        let mut state = self.state();
        if state
            .settled
            .as_ref()
            .is_some_and(|settled| settled.lets_all)
        {
            return true;
        }
        match state.verdict {
            // Only what was judged.
            Some(is_accepted) => is_accepted && state.errors.contains(&error),
            None => {
                state.errors.push(error);
                let ssl = ffi::ssl_of(context);
                if let Some(extra_data) = ssl.and_then(|ssl| ssl.ex_data(ffi::index())) {
                    extra_data.is_flawless.store(false, Ordering::Relaxed);
                }
                ffi::suspend(context)
            }
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn fingerprint(certificate: &X509Ref) -> Option<DigestBytes> {
    certificate.digest(MessageDigest::sha256()).ok()
}

fn kind(result: X509VerifyResult) -> TlsErrorKind {
    use TlsErrorKind as Kind;

    const NO_ISSUER_PUBLIC_KEY: c_int = 24;
    match result.as_raw() {
        sys::X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT => Kind::UnableToGetIssuerCertificate,
        sys::X509_V_ERR_UNABLE_TO_GET_CRL | sys::X509_V_ERR_UNABLE_TO_GET_CRL_ISSUER => {
            Kind::UnableToGetRevocationList
        }
        sys::X509_V_ERR_UNABLE_TO_DECRYPT_CERT_SIGNATURE => {
            Kind::UnableToDecryptCertificateSignature
        }
        sys::X509_V_ERR_UNABLE_TO_DECODE_ISSUER_PUBLIC_KEY | NO_ISSUER_PUBLIC_KEY => {
            Kind::UnableToDecodeIssuerPublicKey
        }
        sys::X509_V_ERR_CERT_SIGNATURE_FAILURE => Kind::CertificateSignatureFailed,
        sys::X509_V_ERR_UNABLE_TO_DECRYPT_CRL_SIGNATURE
        | sys::X509_V_ERR_CRL_SIGNATURE_FAILURE
        | sys::X509_V_ERR_CRL_NOT_YET_VALID
        | sys::X509_V_ERR_CRL_HAS_EXPIRED
        | sys::X509_V_ERR_ERROR_IN_CRL_LAST_UPDATE_FIELD
        | sys::X509_V_ERR_ERROR_IN_CRL_NEXT_UPDATE_FIELD => Kind::InvalidRevocationList,
        sys::X509_V_ERR_CERT_NOT_YET_VALID => Kind::CertificateNotYetValid,
        sys::X509_V_ERR_CERT_HAS_EXPIRED => Kind::CertificateExpired,
        sys::X509_V_ERR_ERROR_IN_CERT_NOT_BEFORE_FIELD => Kind::InvalidNotBeforeField,
        sys::X509_V_ERR_ERROR_IN_CERT_NOT_AFTER_FIELD => Kind::InvalidNotAfterField,
        sys::X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT => Kind::SelfSignedCertificate,
        sys::X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN => Kind::SelfSignedCertificateInChain,
        sys::X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY => {
            Kind::UnableToGetLocalIssuerCertificate
        }
        sys::X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE => Kind::UnableToVerifyFirstCertificate,
        sys::X509_V_ERR_CERT_CHAIN_TOO_LONG | sys::X509_V_ERR_PATH_LENGTH_EXCEEDED => {
            Kind::PathLengthExceeded
        }
        sys::X509_V_ERR_CERT_REVOKED => Kind::CertificateRevoked,
        sys::X509_V_ERR_INVALID_CA => Kind::InvalidCaCertificate,
        sys::X509_V_ERR_INVALID_PURPOSE => Kind::InvalidPurpose,
        sys::X509_V_ERR_CERT_UNTRUSTED => Kind::CertificateUntrusted,
        sys::X509_V_ERR_CERT_REJECTED => Kind::CertificateRejected,
        sys::X509_V_ERR_SUBJECT_ISSUER_MISMATCH => Kind::SubjectIssuerMismatch,
        sys::X509_V_ERR_AKID_SKID_MISMATCH | sys::X509_V_ERR_AKID_ISSUER_SERIAL_MISMATCH => {
            Kind::AuthorityIssuerSerialNumberMismatch
        }
        sys::X509_V_ERR_HOSTNAME_MISMATCH | sys::X509_V_ERR_IP_ADDRESS_MISMATCH => {
            Kind::HostNameMismatch
        }
        sys::X509_V_ERR_EE_KEY_TOO_SMALL | sys::X509_V_ERR_CA_KEY_TOO_SMALL => Kind::WeakKey,
        sys::X509_V_ERR_CA_MD_TOO_WEAK => Kind::WeakSignature,
        _ => Kind::Unspecified,
    }
}
