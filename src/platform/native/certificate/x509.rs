//! Where what stands in a certificate (RFC 5280 §4.1).

use std::time::SystemTime;

use der::asn1::{AnyRef, BitStringRef, GeneralizedTime, ObjectIdentifier, UtcTime};
use der::{Decode, Error, Reader, Result, SliceReader, Tag, TagNumber, Tagged};

/// A certificate, borrowed from its bytes.
#[allow(dead_code)] // Not every library leaves that much to us.
pub(crate) struct X509<'a> {
    pub(crate) issuer: AnyRef<'a>,
    pub(crate) subject: AnyRef<'a>,
    pub(crate) not_before: SystemTime,
    pub(crate) not_after: SystemTime,
    pub(crate) public_key_info: PublicKeyInfo<'a>,
    extensions: Vec<(ObjectIdentifier, &'a [u8])>,
}

#[allow(dead_code)] // As above.
pub(crate) struct PublicKeyInfo<'a> {
    pub(crate) whole: AnyRef<'a>,
    pub(crate) algorithm: AnyRef<'a>,
    /// Without the number of unused bits.
    pub(crate) key: &'a [u8],
}

impl<'a> X509<'a> {
    pub(crate) fn read(certificate: &'a [u8]) -> Result<X509<'a>> {
        let [body, _algorithm, _signature] = fields(AnyRef::from_der(certificate)?)?;
        let mut parts = parts(body, Tag::Sequence)?;
        if parts.first().map(Tagged::tag) == Some(context(0, true)) {
            parts.remove(0); // The version.
        }
        let [
            _serial,
            _algorithm,
            issuer,
            validity,
            subject,
            key,
            rest @ ..,
        ] = &parts[..]
        else {
            return Err(malformed());
        };
        let [not_before, not_after] = fields(*validity)?;
        let extensions = rest.iter().find(|part| part.tag() == context(3, true));
        Ok(X509 {
            issuer: *issuer,
            subject: *subject,
            not_before: time(not_before)?,
            not_after: time(not_after)?,
            public_key_info: PublicKeyInfo::read(*key)?,
            extensions: extensions.map_or(Ok(Vec::new()), |all| read_extensions(all.value()))?,
        })
    }

    /// The value of an extension, in DER form.
    #[allow(dead_code)] // As above.
    pub(crate) fn extension(&self, id: ObjectIdentifier) -> Option<&'a [u8]> {
        let mut extensions = self.extensions.iter();
        extensions
            .find(|(own, _)| *own == id)
            .map(|(_, value)| *value)
    }
}

impl<'a> PublicKeyInfo<'a> {
    fn read(whole: AnyRef<'a>) -> Result<PublicKeyInfo<'a>> {
        let [algorithm, key] = fields(whole)?;
        Ok(PublicKeyInfo {
            whole,
            algorithm,
            key: key.decode_as::<BitStringRef<'_>>()?.raw_bytes(),
        })
    }
}

/// The elements of a SEQUENCE or a SET.
pub(crate) fn parts(whole: AnyRef<'_>, expected: Tag) -> Result<Vec<AnyRef<'_>>> {
    whole.tag().assert_eq(expected)?;
    let mut reader = SliceReader::new(whole.value())?;
    let mut parts = Vec::new();
    while !reader.is_finished() {
        parts.push(AnyRef::decode(&mut reader)?);
    }
    Ok(parts)
}

/// The elements of a SEQUENCE of so many.
pub(super) fn fields<const N: usize>(whole: AnyRef<'_>) -> Result<[AnyRef<'_>; N]> {
    let parts = parts(whole, Tag::Sequence)?;
    parts.try_into().map_err(|_| malformed())
}

/// The tag of a field that a number distinguishes from its neighbours.
pub(crate) const fn context(number: u32, constructed: bool) -> Tag {
    Tag::ContextSpecific {
        constructed,
        number: TagNumber(number),
    }
}

fn time(time: AnyRef<'_>) -> Result<SystemTime> {
    match time.tag() {
        Tag::UtcTime => Ok(time.decode_as::<UtcTime>()?.to_system_time()),
        _ => Ok(time.decode_as::<GeneralizedTime>()?.to_system_time()),
    }
}

fn read_extensions(extensions: &[u8]) -> Result<Vec<(ObjectIdentifier, &[u8])>> {
    let extensions = parts(AnyRef::from_der(extensions)?, Tag::Sequence)?;
    let read = |extension| {
        let parts = parts(extension, Tag::Sequence)?;
        // Whether it is critical may stand in between.
        let ([id, value] | [id, _, value]) = parts[..] else {
            return Err(malformed());
        };
        value.tag().assert_eq(Tag::OctetString)?;
        Ok((id.decode_as()?, value.value()))
    };
    extensions.into_iter().map(read).collect()
}

fn malformed() -> Error {
    Tag::Sequence.length_error().into()
}
