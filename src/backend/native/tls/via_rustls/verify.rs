//! The peer's certificates: everything that is wrong with them.

use std::fmt;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{WebPkiSupportedAlgorithms, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, CertificateRevocationListDer, ServerName, UnixTime};
use rustls::{DigitallySignedStruct, Error as RustlsError, SignatureScheme};
use webpki::{
    CertRevocationList, EndEntityCert, Error as PkiError, ExpirationPolicy, KeyUsage,
    OwnedCertRevocationList, RevocationCheckDepth, RevocationOptionsBuilder, UnknownStatusPolicy,
    VerifiedPath,
};

use super::connection::current;
use super::roots::Roots;
use super::wrong::{Chain, certificate_error};
use crate::error::Error;
use crate::tls::config::TlsConfig;
use crate::tls::error::{TlsError, TlsErrorKind};
use crate::tls::verify_mode::VerifyMode;

pub(super) struct Verifier {
    roots: Roots,
    lists: Vec<CertRevocationList<'static>>,
    /// How many intermediates there may be.
    depth: Option<usize>,
    algorithms: WebPkiSupportedAlgorithms,
    mode: VerifyMode,
}

impl Verifier {
    pub(super) fn new(
        roots: Roots,
        lists: Vec<CertificateRevocationListDer<'static>>,
        config: &TlsConfig,
        algorithms: WebPkiSupportedAlgorithms,
    ) -> Result<Verifier, Error> {
        let lists = lists.iter().map(|list| {
            let list = OwnedCertRevocationList::from_der(list);
            list.map(CertRevocationList::from).map_err(|error| {
                Error::invalid_input("a list of revoked certificates is malformed")
                    .with_source(error)
            })
        });
        Ok(Verifier {
            roots,
            lists: lists.collect::<Result<_, _>>()?,
            depth: config.depth.map(|depth| depth as usize),
            algorithms,
            mode: config.verification,
        })
    }

    /// Everything that is wrong: a name that does not match first, as in Qt, and times last.
    fn errors(
        &self,
        own: &CertificateDer<'_>,
        others: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        now: UnixTime,
    ) -> Vec<TlsError> {
        let chain = Chain::new(own, others);
        let Ok(certificate) = EndEntityCert::try_from(own) else {
            return vec![chain.own(TlsErrorKind::Unspecified)];
        };
        let mut errors = Vec::new();
        if certificate.verify_is_valid_for_subject_name(name).is_err() {
            errors.push(chain.own(TlsErrorKind::HostNameMismatch));
        }
        if chain.has_weak_key() {
            errors.push(chain.own(TlsErrorKind::WeakKey));
        }
        let mut times = Vec::new();
        let mut time = now;
        // webpki says one at a time: what else is wrong shows when all was in order.
        loop {
            let next = match self.verify(&certificate, others, time) {
                Ok(()) => break,
                Err(PkiError::CaUsedAsEndEntity) if self.roots.contains(own) => {
                    errors.extend(chain.wrong_with_trusted(now));
                    break;
                }
                Err(PkiError::CertExpired { not_after, .. }) if not_after < now => not_after,
                Err(PkiError::CertNotValidYet { not_before, .. }) if not_before > now => not_before,
                // Only at another time than now.
                Err(PkiError::CertExpired { .. } | PkiError::CertNotValidYet { .. })
                    if !times.is_empty() =>
                {
                    break;
                }
                Err(error) => {
                    errors.extend(chain.wrong(&error));
                    break;
                }
            };
            let error = chain.wrong_time(next, now);
            if times.contains(&error) {
                break;
            }
            times.push(error);
            time = next;
        }
        errors.extend(times);
        errors
    }

    fn verify(
        &self,
        certificate: &EndEntityCert<'_>,
        others: &[CertificateDer<'_>],
        time: UnixTime,
    ) -> Result<(), PkiError> {
        let lists: Vec<_> = self.lists.iter().collect();
        // Without lists nothing is asked of them.
        let revocation = RevocationOptionsBuilder::new(&lists).ok().map(|options| {
            options
                .with_depth(RevocationCheckDepth::EndEntity)
                .with_status_policy(UnknownStatusPolicy::Deny)
                .with_expiration_policy(ExpirationPolicy::Enforce)
                .build()
        });
        let check_length = |path: &VerifiedPath<'_>| self.check_length(path);
        let path = certificate.verify_for_usage(
            self.algorithms.all,
            &self.roots.anchors,
            others,
            time,
            KeyUsage::server_auth(),
            revocation,
            Some(&check_length),
        );
        path.map(drop)
    }

    /// Checks that there are as few intermediates as the root and the application want.
    fn check_length(&self, path: &VerifiedPath<'_>) -> Result<(), PkiError> {
        let length = path.intermediate_certificates().count();
        let of_root = self.roots.path_length(path.anchor());
        match [self.depth, of_root].into_iter().flatten().min() {
            Some(highest) if length > highest => Err(PkiError::PathLenConstraintViolated),
            _ => Ok(()),
        }
    }
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, RustlsError> {
        if self.mode == VerifyMode::None {
            return Ok(ServerCertVerified::assertion());
        }
        let errors = self.errors(end_entity, intermediates, server_name, now);
        let Some(first) = errors.first().map(TlsError::kind) else {
            return Ok(ServerCertVerified::assertion());
        };
        match current() {
            Some(context) if context.lets_pass(errors) => Ok(ServerCertVerified::assertion()),
            _ => Err(certificate_error(first).into()),
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, RustlsError> {
        verify_tls12_signature(message, cert, dss, &self.algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, RustlsError> {
        verify_tls13_signature(message, cert, dss, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}

impl fmt::Debug for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Verifier").finish_non_exhaustive()
    }
}
