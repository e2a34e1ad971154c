use bytes::Bytes;
use bytestring::ByteString;

#[allow(unsafe_code)]
pub(crate) fn share_text(text: String) -> ByteString {
    let text = share_bytes(text.into_bytes());
    // SAFETY: the bytes of a `String` are UTF-8. To validate them again would cost a text of 64 KiB
    // as much as all the rest.
    unsafe { ByteString::from_bytes_unchecked(text) }
}

/// Half the code of `Bytes::from`, which saves an allocation for what is never cloned.
#[inline(never)] // The code is there once, not at each call.
pub(crate) fn share_bytes(data: Vec<u8>) -> Bytes {
    Bytes::from_owner(data)
}
