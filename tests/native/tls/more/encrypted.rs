//! A key of our own in an encrypted text.

use ::openssl::pkey::PKey;
use ::openssl::symm::Cipher;
use qwebsocket::{TlsConfig, TlsIdentity, TlsLibrary};

use super::super::authority::SECRET;
use super::super::identity::Demanding;
use super::super::invalid;

#[test]
fn a_key_may_be_encrypted() {
    let server = Demanding::new();
    let chain = &*server.client.chain;
    let key = PKey::private_key_from_pem(server.client.key.as_bytes()).unwrap();
    let key = key.private_key_to_pem_pkcs8_passphrase(Cipher::aes_256_cbc(), SECRET.as_bytes());
    let key = key.unwrap();
    assert!(key.starts_with(b"-----BEGIN ENCRYPTED PRIVATE KEY-----"));
    let encrypted = TlsIdentity::pem(chain, &*key);
    let right = encrypted.clone().password(SECRET);
    server.takes(right.clone(), TlsLibrary::OpenSsl);
    assert!(!format!("{right:?}").contains(SECRET));
    // One that is not encrypted needs none.
    let plain = server.client.identity().password(SECRET);
    server.takes(plain, TlsLibrary::OpenSsl);
    for identity in [encrypted.clone(), encrypted.password("wrong")] {
        let tls = TlsConfig::new().library(TlsLibrary::OpenSsl);
        let text = invalid(tls.identity(identity));
        assert!(text.contains("password"), "{text}");
    }
}
