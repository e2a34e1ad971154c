//! Certificates and keys in PEM texts, for libraries that take DER.

use pki_types::pem::PemObject;
use pki_types::{CertificateDer, PrivateKeyDer};

use crate::error::Error;

/// At least one certificate, and its key; `encrypted` says why the library takes no encrypted one.
pub(super) fn identity(
    chain: &[u8],
    key: &[u8],
    encrypted: &'static str,
) -> Result<(Vec<CertificateDer<'static>>, PrivateKeyDer<'static>), Error> {
    let chain = certificates(chain)?;
    if chain.is_empty() {
        let text = "there is no certificate to the key: the PEM text has no CERTIFICATE";
        return Err(Error::invalid_input(text));
    }
    Ok((chain, private_key(key, encrypted)?))
}

pub(super) fn certificates(text: &[u8]) -> Result<Vec<CertificateDer<'static>>, Error> {
    let certificates: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(text).collect();
    certificates.map_err(|error| {
        Error::invalid_input("the PEM text of a certificate is malformed").with_source(error)
    })
}

/// The first key of a PEM text, which may hold certificates, too.
fn private_key(text: &[u8], encrypted: &'static str) -> Result<PrivateKeyDer<'static>, Error> {
    // The sections ENCRYPTED PRIVATE KEY, and the header of the older ones (RFC 1421 §4.6.1.1).
    if contains(text, b"ENCRYPTED") {
        return Err(Error::invalid_input(encrypted));
    }
    PrivateKeyDer::from_pem_slice(text).map_err(|error| {
        let text = match error {
            pki_types::pem::Error::NoItemsFound => {
                "the PEM text has no PRIVATE KEY (PKCS#8), RSA PRIVATE KEY (PKCS#1) or EC PRIVATE \
                 KEY (SEC1)"
            }
            _ => "the PEM text of a private key is malformed",
        };
        // The source could show a line of the key.
        Error::invalid_input(text)
    })
}

fn contains(text: &[u8], word: &[u8]) -> bool {
    text.windows(word.len()).any(|window| window == word)
}
