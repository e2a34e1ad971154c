mod name;
pub(crate) mod x509;

use der::Encode;
use pki_types::CertificateDer;
use pki_types::pem::PemObject;
use sha1::{Digest, Sha1};
use sha2::Sha256;

use self::x509::X509;
use crate::platform::certificate::{Certificate, CertificateFields, Unreadable};

pub(crate) fn certificate_from_der(der: &[u8]) -> Result<Certificate, Unreadable> {
    describe(der).map_err(malformed)?;
    Ok(read(der.to_vec()))
}

pub(crate) fn certificate_from_pem(pem: &[u8]) -> Result<Certificate, Unreadable> {
    let certificate = CertificateDer::from_pem_slice(pem).map_err(malformed)?;
    certificate_from_der(&certificate)
}

/// The certificate with these bytes, which the library took for one; what only ours cannot read is
/// left empty.
pub(crate) fn read(der: Vec<u8>) -> Certificate {
    Certificate::new(der, |der| CertificateFields {
        sha1: Sha1::digest(der).into(),
        sha256: Sha256::digest(der).into(),
        ..describe(der).unwrap_or_default()
    })
}

fn describe(der: &[u8]) -> der::Result<CertificateFields> {
    let certificate = X509::read(der)?;
    let public_key = certificate.public_key_info.whole.to_der()?;
    Ok(CertificateFields {
        subject: name::text(certificate.subject)?,
        issuer: name::text(certificate.issuer)?,
        not_before: Some(certificate.not_before),
        not_after: Some(certificate.not_after),
        public_key_sha256: Sha256::digest(public_key).into(),
        ..CertificateFields::default()
    })
}

fn malformed(error: impl std::error::Error + Send + Sync + 'static) -> Unreadable {
    Unreadable::Malformed(error.into())
}
