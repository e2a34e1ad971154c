use std::time::SystemTime;

use sha1::{Digest, Sha1};
use sha2::Sha256;
use x509_cert::Certificate;
use x509_cert::der::{self, Decode, DecodePem, Encode};
use x509_cert::time::Time;

use crate::platform::certificate::{CertificateFields, Unreadable};

pub(crate) fn certificate_from_der(der: &[u8]) -> Result<CertificateFields, Unreadable> {
    let certificate = Certificate::from_der(der).map_err(malformed)?;
    Ok(describe(der.to_vec(), Some(&certificate)))
}

pub(crate) fn certificate_from_pem(pem: &[u8]) -> Result<CertificateFields, Unreadable> {
    let certificate = Certificate::from_pem(pem).map_err(malformed)?;
    let der = certificate.to_der().map_err(malformed)?;
    Ok(describe(der, Some(&certificate)))
}

/// What there is to say of the certificate with these bytes, which the library took for one; what
/// only ours cannot read is left empty.
pub(crate) fn read(der: Vec<u8>) -> CertificateFields {
    let certificate = Certificate::from_der(&der).ok();
    describe(der, certificate.as_ref())
}

fn describe(der: Vec<u8>, certificate: Option<&Certificate>) -> CertificateFields {
    let body = certificate.map(Certificate::tbs_certificate);
    let time = |time: Time| SystemTime::from(time.to_date_time());
    let public_key = body.and_then(|body| body.subject_public_key_info().to_der().ok());
    CertificateFields {
        subject: body.map_or_else(String::new, |body| body.subject().to_string()),
        issuer: body.map_or_else(String::new, |body| body.issuer().to_string()),
        not_before: body.map(|body| time(body.validity().not_before)),
        not_after: body.map(|body| time(body.validity().not_after)),
        sha1: Sha1::digest(&der).into(),
        sha256: Sha256::digest(&der).into(),
        public_key_sha256: Sha256::digest(public_key.unwrap_or_default()).into(),
        der,
    }
}

fn malformed(error: der::Error) -> Unreadable {
    Unreadable::Malformed(error.into())
}
