//! Authorities that are trusted.

use std::sync::LazyLock;

use der::asn1::{AnyRef, ObjectIdentifier};
use der::{Decode, Tag, Tagged};
use rustls::pki_types::{CertificateDer, TrustAnchor};
use webpki::anchor_from_trusted_cert;

use crate::backend::native::tls::pem;
use crate::error::Error;
use crate::platform::native::certificate::x509::{X509, parts};
use crate::tls::config::{Root, TlsConfig};

const BASIC_CONSTRAINTS: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.19");

#[derive(Clone, Default)]
pub(super) struct Roots {
    pub(super) anchors: Vec<TrustAnchor<'static>>,
    /// How many intermediates may be below each, which an anchor does not hold.
    path_lengths: Vec<Option<u8>>,
    /// Those that the application gave.
    own: Vec<CertificateDer<'static>>,
}

impl Roots {
    pub(super) fn of(config: &TlsConfig) -> Result<Roots, Error> {
        let mut roots = match config.system_roots {
            true => SYSTEM.clone(),
            false => Roots::default(),
        };
        for root in own(config)? {
            roots.add(&root).map_err(|error| {
                Error::invalid_input("a root certificate is malformed").with_source(error)
            })?;
            roots.own.push(root);
        }
        Ok(roots)
    }

    /// Returns whether the application trusts this very certificate.
    pub(super) fn contains(&self, certificate: &CertificateDer<'_>) -> bool {
        self.own
            .iter()
            .any(|root| root.as_ref() == certificate.as_ref())
    }

    /// How many intermediates may be below this one of them.
    pub(super) fn path_length(&self, anchor: &TrustAnchor<'_>) -> Option<usize> {
        let index = self.anchors.iter().position(|own| own == anchor)?;
        self.path_lengths[index].map(usize::from)
    }

    fn add(&mut self, root: &CertificateDer<'_>) -> Result<(), webpki::Error> {
        self.anchors
            .push(anchor_from_trusted_cert(root)?.to_owned());
        self.path_lengths.push(path_length(root));
        Ok(())
    }
}

/// Those that the application gave.
pub(super) fn own(config: &TlsConfig) -> Result<Vec<CertificateDer<'static>>, Error> {
    let mut roots = Vec::new();
    for root in &config.roots {
        match root {
            Root::Der(bytes) => roots.push(bytes.clone().into()),
            Root::Pem(source) => {
                let some = pem::certificates(&source.read()?)?;
                if some.is_empty() {
                    return Err(Error::invalid_input("a PEM text holds no certificate"));
                }
                roots.extend(some);
            }
        }
    }
    Ok(roots)
}

/// Read once, since it takes its time.
static SYSTEM: LazyLock<Roots> = LazyLock::new(|| {
    let mut roots = Roots::default();
    #[cfg(feature = "webpki-roots")]
    for anchor in webpki_roots::TLS_SERVER_ROOTS {
        roots.anchors.push(anchor.clone());
        roots.path_lengths.push(None);
    }
    #[cfg(not(feature = "webpki-roots"))]
    for root in rustls_native_certs::load_native_certs().certs {
        // Some stores hold certificates that only other programs can read.
        let _ = roots.add(&root);
    }
    roots
});

/// That of the basic constraints (RFC 5280 §4.2.1.9), behind whether it is an authority.
fn path_length(certificate: &[u8]) -> Option<u8> {
    let certificate = X509::read(certificate).ok()?;
    let constraints = AnyRef::from_der(certificate.extension(BASIC_CONSTRAINTS)?).ok()?;
    let constraints = parts(constraints, Tag::Sequence).ok()?;
    let length = constraints.iter().find(|part| part.tag() == Tag::Integer);
    length?.decode_as().ok()
}
