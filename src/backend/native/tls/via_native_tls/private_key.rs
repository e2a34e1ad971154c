//! Private keys as their forms have them: PKCS#8 (RFC 5958), which the library wants, PKCS#1
//! (RFC 8017 §A.1.2) and SEC1 (RFC 5915).

use der::asn1::{AnyRef, ObjectIdentifier};
use der::{Decode, Encode, Result, Tag, Tagged};
use pki_types::PrivateKeyDer;

use crate::platform::native::certificate::x509::{self, X509, context};

const RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
const RSA_PSS: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.10");
const EC: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");

/// The tag of the curve in SEC1.
const CURVE: Tag = context(0, true);

/// The key as PKCS#8; its certificate knows the curve where the key does not.
pub(super) fn pkcs8(key: &PrivateKeyDer<'_>, certificate: &[u8]) -> Result<Vec<u8>> {
    let algorithm = match key {
        PrivateKeyDer::Pkcs1(_) => algorithm(RSA, &[0x05, 0x00])?, // NULL (RFC 8017 §A.1)
        PrivateKeyDer::Sec1(key) => sec1_algorithm(key.secret_sec1_der(), certificate)?,
        other => return Ok(other.secret_der().to_vec()),
    };
    let version = [0x02, 0x01, 0x00];
    let key = AnyRef::new(Tag::OctetString, key.secret_der())?.to_der()?;
    AnyRef::new(Tag::Sequence, &[&version[..], &algorithm, &key].concat())?.to_der()
}

fn sec1_algorithm(key: &[u8], certificate: &[u8]) -> Result<Vec<u8>> {
    let parts = parts(key)?;
    let Some(curve) = parts.iter().find(|part| part.tag() == CURVE) else {
        return X509::read(certificate)?.public_key_info.algorithm.to_der();
    };
    algorithm(EC, curve.value())
}

/// An AlgorithmIdentifier (RFC 5280 §4.1.1.2).
fn algorithm(id: ObjectIdentifier, parameters: &[u8]) -> Result<Vec<u8>> {
    let fields = [&id.to_der()?, parameters].concat();
    AnyRef::new(Tag::Sequence, &fields)?.to_der()
}

/// Returns whether the key can be that of the certificate. The library compares keys of the same
/// kind only, and not each platform's does that; what cannot be read here is left to it.
pub(super) fn can_belong(pkcs8: &[u8], certificate: &[u8]) -> bool {
    belongs(pkcs8, certificate).unwrap_or(true)
}

fn belongs(pkcs8: &[u8], certificate: &[u8]) -> Result<bool> {
    let info = X509::read(certificate)?.public_key_info;
    let parts = parts(pkcs8)?;
    let [_version, own, key, rest @ ..] = &parts[..] else {
        return Ok(true);
    };
    let is_rsa = |id| id == RSA || id == RSA_PSS;
    let (ours, curve) = kind(*own)?;
    let (theirs, expected) = kind(info.algorithm)?;
    if ours != theirs && !(is_rsa(ours) && is_rsa(theirs)) {
        return Ok(false);
    }
    if ours == EC && curve.is_some() && expected.is_some() && curve != expected {
        return Ok(false);
    }
    let public = match ours {
        RSA | RSA_PSS => rsa_public_key(key.value())?,
        EC => ec_public_key(key.value())?,
        _ => bits(rest.iter().find(|part| part.tag() == context(1, false))),
    };
    let expected = info.key;
    // A point has two forms of different lengths.
    let tells = |public: &Vec<u8>| public.len() == expected.len();
    Ok(public.filter(tells).is_none_or(|public| public == expected))
}

/// The algorithm, and the curve if it is on one that has a name.
fn kind(algorithm: AnyRef<'_>) -> Result<(ObjectIdentifier, Option<ObjectIdentifier>)> {
    let parts = x509::parts(algorithm, Tag::Sequence)?;
    let mut ids = parts.iter().map(|part| part.decode_as());
    let id = ids.next().ok_or(Tag::Sequence.length_error())??;
    Ok((id, ids.next().and_then(Result::ok)))
}

/// RSAPublicKey (RFC 8017 §A.1.1): modulus and exponent, which the private one has, too.
fn rsa_public_key(key: &[u8]) -> Result<Option<Vec<u8>>> {
    let parts = parts(key)?;
    let [_version, modulus, exponent, ..] = &parts[..] else {
        return Ok(None);
    };
    let both = [modulus.to_der()?, exponent.to_der()?].concat();
    AnyRef::new(Tag::Sequence, &both)?.to_der().map(Some)
}

/// Where the key holds it.
fn ec_public_key(key: &[u8]) -> Result<Option<Vec<u8>>> {
    let parts = parts(key)?;
    let Some(part) = parts.iter().find(|part| part.tag() == context(1, true)) else {
        return Ok(None);
    };
    Ok(bits(Some(&AnyRef::from_der(part.value())?)))
}

/// Those of a BIT STRING, behind the number of those that are left over.
fn bits(string: Option<&AnyRef<'_>>) -> Option<Vec<u8>> {
    Some(string?.value().get(1..)?.to_vec())
}

/// The elements of a SEQUENCE.
fn parts(sequence: &[u8]) -> Result<Vec<AnyRef<'_>>> {
    x509::parts(AnyRef::from_der(sequence)?, Tag::Sequence)
}
