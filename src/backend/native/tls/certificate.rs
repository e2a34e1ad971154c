use std::time::SystemTime;

use sha1::{Digest, Sha1};
use sha2::Sha256;
use x509_cert::Certificate;
use x509_cert::der::{Decode, Encode};
use x509_cert::time::Time;

use crate::TlsCertificate;
use crate::tls::Parts;

/// What there is to say of the certificate with these bytes.
pub(super) fn read(der: Vec<u8>) -> TlsCertificate {
    // The library took it for a certificate; what only ours cannot read is left empty.
    let parsed = Certificate::from_der(&der).ok();
    let body = parsed.as_ref().map(Certificate::tbs_certificate);
    let time = |time: Time| SystemTime::from(time.to_date_time());
    let public_key = body.and_then(|body| body.subject_public_key_info().to_der().ok());
    TlsCertificate::new(Parts {
        subject: body.map_or_else(String::new, |body| body.subject().to_string()),
        issuer: body.map_or_else(String::new, |body| body.issuer().to_string()),
        not_before: body.map(|body| time(body.validity().not_before)),
        not_after: body.map(|body| time(body.validity().not_after)),
        sha1: Sha1::digest(&der).into(),
        sha256: Sha256::digest(&der).into(),
        public_key_sha256: Sha256::digest(public_key.unwrap_or_default()).into(),
        der,
    })
}
