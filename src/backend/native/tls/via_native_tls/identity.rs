//! A certificate and its key as the library takes them.

use native_tls::Identity;
use x509_cert::der::pem::{LineEnding, encode_string};

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
    let chain = chain.collect::<Result<String, _>>()?;
    Identity::from_pkcs8(chain.as_bytes(), to_pem("PRIVATE KEY", &key)?.as_bytes()).map_err(
        |error| {
            let text = "a certificate and its key cannot be read";
            Error::invalid_input(text).with_source(error)
        },
    )
}

fn to_pem(label: &'static str, der: &[u8]) -> Result<String, Error> {
    encode_string(label, LineEnding::LF, der)
        .map_err(|_| Error::invalid_input("a certificate or its key is too long"))
}
