//! Distinguished names as RFC 4514 writes them.

use std::fmt::Write;

use const_oid::db::DB;
use der::asn1::{
    AnyRef, Ia5StringRef, ObjectIdentifier, PrintableStringRef, TeletexStringRef, Utf8StringRef,
};
use der::{Encode, Result, Tag, Tagged};

use super::x509::{fields, parts};

/// The name, its last part first (§2.1).
pub(super) fn text(name: AnyRef<'_>) -> Result<String> {
    let mut text = String::new();
    for relative in parts(name, Tag::Sequence)?.into_iter().rev() {
        for (index, attribute) in parts(relative, Tag::Set)?.into_iter().enumerate() {
            match index {
                0 if text.is_empty() => {}
                0 => text.push(','),
                _ => text.push('+'),
            }
            write_attribute(&mut text, attribute)?;
        }
    }
    Ok(text)
}

fn write_attribute(text: &mut String, attribute: AnyRef<'_>) -> Result<()> {
    let [id, value] = fields(attribute)?;
    let id: ObjectIdentifier = id.decode_as()?;
    match (short_name(id), string(value)) {
        (Some(name), Some(value)) => {
            text.push_str(&name);
            text.push('=');
            write_escaped(text, value);
        }
        _ => {
            text.push_str(&id.to_string());
            text.push_str("=#");
            write_hex(text, &value.to_der()?);
        }
    }
    Ok(())
}

fn short_name(id: ObjectIdentifier) -> Option<String> {
    let names = DB.find_names_for_oid(id);
    names
        .min_by_key(|name| name.len())
        .map(str::to_ascii_uppercase)
}

fn string(value: AnyRef<'_>) -> Option<&str> {
    match value.tag() {
        Tag::PrintableString => {
            let value: PrintableStringRef<'_> = value.decode_as().ok()?;
            Some(value.as_str())
        }
        Tag::Utf8String => {
            let value: Utf8StringRef<'_> = value.decode_as().ok()?;
            Some(value.as_str())
        }
        Tag::Ia5String => {
            let value: Ia5StringRef<'_> = value.decode_as().ok()?;
            Some(value.as_str())
        }
        Tag::TeletexString => {
            let value: TeletexStringRef<'_> = value.decode_as().ok()?;
            Some(value.as_str())
        }
        _ => None,
    }
}

/// §2.4.
fn write_escaped(text: &mut String, value: &str) {
    let last = value.chars().count().saturating_sub(1);
    for (index, c) in value.chars().enumerate() {
        match c {
            '#' if index == 0 => text.push_str("\\#"),
            ' ' if index == 0 || index == last => text.push_str("\\ "),
            '"' | '+' | ',' | ';' | '<' | '>' | '\\' => text.extend(['\\', c]),
            '\0'..='\x1f' | '\x7f' => {
                text.push('\\');
                write_hex(text, &[c as u8]);
            }
            _ => text.push(c),
        }
    }
}

fn write_hex(text: &mut String, bytes: &[u8]) {
    for byte in bytes {
        // A `String` takes everything.
        let _ = write!(text, "{byte:02x}");
    }
}
