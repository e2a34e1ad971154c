//! A certificate and its key as the library takes them.

use data_encoding::BASE64;
use native_tls::Identity;

use super::private_key;
use crate::backend::native::tls::pem;
use crate::error::Error;
use crate::tls::identity::{IdentityForm, TlsIdentity};

const ENCRYPTED: &str =
    "the private key is encrypted, which the library `native-tls` takes in PKCS#12 only";

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
    let (chain, key) = pem::identity(chain, key, ENCRYPTED)?;
    let own = &chain[0]; // `identity` gives at least one.
    let unreadable = "a private key is malformed";
    let key = private_key::pkcs8(&key, own)
        .map_err(|error| Error::invalid_input(unreadable).with_source(error))?;
    if !private_key::can_belong(&key, own) {
        let text = "the private key does not belong to the certificate";
        return Err(Error::invalid_input(text));
    }
    let chain = chain.iter().map(|own| to_pem("CERTIFICATE", own));
    let chain: String = chain.collect();
    let key = to_pem("PRIVATE KEY", &key);
    Identity::from_pkcs8(chain.as_bytes(), key.as_bytes()).map_err(|error| {
        let text = "a certificate and its key cannot be read";
        Error::invalid_input(text).with_source(error)
    })
}

/// As RFC 7468 §2 wants it.
fn to_pem(label: &str, der: &[u8]) -> String {
    const LINE: usize = 48; // bytes, which are 64 characters

    let lines = der.chunks(LINE).map(|line| BASE64.encode(line) + "\n");
    let body: String = lines.collect();
    format!("-----BEGIN {label}-----\n{body}-----END {label}-----\n")
}
