//! A certificate and its key as the library takes them.

use native_tls::Identity;
use pki_types::pem::{self, PemObject};
use pki_types::{CertificateDer, PrivateKeyDer};
use x509_cert::der::pem::{LineEnding, encode_string};

use super::private_key;
use crate::error::Error;
use crate::tls::identity::{IdentityForm, TlsIdentity};

pub(super) fn read(identity: &TlsIdentity) -> Result<Identity, Error> {
    match &identity.form {
        IdentityForm::Pem { chain, key, .. } => read_pem(&chain.read()?, &key.read()?),
        IdentityForm::Pkcs12 { file, password } => Identity::from_pkcs12(&file.read()?, password)
            .map_err(|error| {
                let text = "a PKCS#12 archive cannot be read by this password, or holds no key \
                            with its certificate";
                Error::invalid_input(text).with_source(error)
            }),
    }
}

fn read_pem(chain: &[u8], key: &[u8]) -> Result<Identity, Error> {
    let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(chain).collect();
    let chain = chain.map_err(|error| {
        Error::invalid_input("the PEM text of a certificate is malformed").with_source(error)
    })?;
    let Some(own) = chain.first() else {
        let text = "there is no certificate to the key: the PEM text has no CERTIFICATE";
        return Err(Error::invalid_input(text));
    };
    let unreadable = "a private key is malformed";
    let key = private_key::pkcs8(&read_key(key)?, own)
        .map_err(|error| Error::invalid_input(unreadable).with_source(error))?;
    if !private_key::can_belong(&key, own) {
        let text = "the private key does not belong to the certificate";
        return Err(Error::invalid_input(text));
    }
    let chain = chain.iter().map(|own| to_pem("CERTIFICATE", own));
    let chain = chain.collect::<Result<String, _>>()?;
    Identity::from_pkcs8(chain.as_bytes(), to_pem("PRIVATE KEY", &key)?.as_bytes()).map_err(
        |error| {
            let text = "a certificate and its key cannot be read";
            Error::invalid_input(text).with_source(error)
        },
    )
}

/// The first key of a PEM text, which may hold certificates, too.
fn read_key(text: &[u8]) -> Result<PrivateKeyDer<'static>, Error> {
    // The sections ENCRYPTED PRIVATE KEY, and the header of the older ones (RFC 1421 §4.6.1.1).
    if contains(text, b"ENCRYPTED") {
        return Err(Error::invalid_input(
            "the private key is encrypted, which the library `native-tls` takes in PKCS#12 only",
        ));
    }
    PrivateKeyDer::from_pem_slice(text).map_err(|error| {
        let text = match error {
            pem::Error::NoItemsFound => {
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

fn to_pem(label: &'static str, der: &[u8]) -> Result<String, Error> {
    encode_string(label, LineEnding::LF, der)
        .map_err(|_| Error::invalid_input("a certificate or its key is too long"))
}
