use js_sys::{ArrayBuffer, JsString, Uint8Array};
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};

use crate::message::Message;

/// Why a message cannot be taken.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Unfit {
    /// The payload is larger than it may be.
    TooLarge,
    /// There is no memory for it.
    NoMemory,
}

/// Copies what a message event carries into our memory, unless it is too large: a string, or an
/// `ArrayBuffer` since that is our `binaryType`.
pub(crate) fn message(data: &JsValue, limit: usize) -> Result<Message, Unfit> {
    if data.is_string() {
        text(data.unchecked_ref(), limit)
    } else {
        binary(data.unchecked_ref(), limit)
    }
}

fn text(text: &JsString, limit: usize) -> Result<Message, Unfit> {
    let units = text.length();
    // A UTF-16 unit is at least one byte of UTF-8.
    if units as usize > limit {
        return Err(Unfit::TooLarge);
    }
    let text = if units < LONG_TEXT {
        short_text(text)
    } else {
        // wasm-bindgen takes as much, at first one byte a unit and then three, and traps where it
        // gets none.
        drop(room((units as usize).saturating_mul(4))?);
        long_text(text)
    };
    if text.len() > limit {
        return Err(Unfit::TooLarge);
    }
    Ok(text.into())
}

fn binary(buffer: &ArrayBuffer, limit: usize) -> Result<Message, Unfit> {
    let bytes = Uint8Array::new(buffer);
    let length = bytes.unchecked_ref::<JsString>().length() as usize;
    if length > limit {
        return Err(Unfit::TooLarge);
    }
    let mut data = room(length)?;
    data.resize(length, 0);
    copy(&mut data, &bytes);
    Ok(data.into())
}

/// Room for so many bytes. The peer chooses how many, so there may be none.
fn room(length: usize) -> Result<Vec<u8>, Unfit> {
    let mut room = Vec::new();
    match room.try_reserve_exact(length) {
        Ok(()) => Ok(room),
        Err(_) => Err(Unfit::NoMemory),
    }
}

// As js-sys has it, but without asking for the length again and again.
#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = Uint8Array, js_name = "prototype.set.call")]
    fn copy(into: &mut [u8], from: &Uint8Array);
}

/// From this many UTF-16 units on, [`long_text`] is faster: in Chromium and Firefox about 3 times
/// at 64 KiB of ASCII.
const LONG_TEXT: u32 = 512;

fn short_text(text: &JsString) -> String {
    text.as_string().unwrap_or_default()
}

/// wasm-bindgen copies a string up to its first non-ASCII character unit by unit, and lets
/// `TextEncoder.encodeInto` write the rest into our memory, which is much faster and needs no
/// validation here. So such a character goes in front of the text.
fn long_text(text: &JsString) -> String {
    const FRONT: &str = "\u{80}"; // Latin-1, so that the browser need not widen the string.
    let text = JsString::from(FRONT).concat(text);
    let mut text = text.as_string().unwrap_or_default();
    text.remove(0);
    text
}
