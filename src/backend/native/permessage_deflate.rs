//! Negotiates permessage-deflate (RFC 7692 §7.1).

use crate::compression::Compression;
pub(crate) use crate::compression::agreed::{Deflate, Direction};
use crate::features::Features;
use crate::grammar::is_token;
use crate::headers::Headers;
use crate::options::Options;

const NAME: &str = "permessage-deflate";

pub(crate) const FEATURES: Features = match cfg!(feature = "compression") {
    true => Features::COMPRESSION,
    false => Features::NONE,
};

/// The compression to offer: none if the options want it where possible and this build has none.
pub(crate) fn wanted(options: &Options) -> Option<&Compression> {
    let compression = options.get_compression();
    compression.filter(|_| !FEATURES.is_empty())
}

/// The client's offer: the value of `Sec-WebSocket-Extensions`.
pub(crate) fn offer(options: &Compression) -> String {
    let mut offer = String::from(NAME);
    if options.client_max_window_bits < 15 {
        let bits = options.client_max_window_bits;
        offer.push_str(&format!("; client_max_window_bits={bits}"));
    } else {
        offer.push_str("; client_max_window_bits");
    }
    if options.server_max_window_bits < 15 {
        let bits = options.server_max_window_bits;
        offer.push_str(&format!("; server_max_window_bits={bits}"));
    }
    if options.client_no_context_takeover {
        offer.push_str("; client_no_context_takeover");
    }
    if options.server_no_context_takeover {
        offer.push_str("; server_no_context_takeover");
    }
    offer
}

/// Reads the server's answer to our offer (RFC 7692 §7.1): what was agreed on, `None` for nothing,
/// or what is wrong with it.
pub(crate) fn agreed(
    headers: &Headers,
    offered: Option<&Compression>,
) -> Result<Option<Deflate>, String> {
    let mut answers = extensions(headers);
    let Some(answer) = answers.next() else {
        return Ok(None);
    };
    let answer = answer?;
    let Some(offered) = offered.filter(|_| answer.name == NAME) else {
        return Err(format!(
            "the server chose the extension {:?}, which was not offered",
            answer.name
        ));
    };
    if answers.next().is_some() {
        return Err("the server chose an extension twice, or one that was not offered".into());
    }
    let parameters = Parameters::read(&answer)?;
    let server_window_bits = match parameters.server_max_window_bits {
        Some(bits) if bits > offered.server_max_window_bits => {
            return Err(format!(
                "the server's window of {bits} bits was not offered"
            ));
        }
        Some(bits) => bits,
        None if offered.server_max_window_bits < 15 => {
            return Err("the server did not agree to a smaller window".into());
        }
        None => 15,
    };
    if offered.server_no_context_takeover && !parameters.server_no_context_takeover {
        return Err("the server did not agree to do without context takeover".into());
    }
    let client_window_bits = match parameters.client_max_window_bits {
        Some(Some(bits)) => bits.min(offered.client_max_window_bits),
        Some(None) => return Err("client_max_window_bits has no value in an answer".into()),
        None => offered.client_max_window_bits,
    };
    let client_no_context_takeover =
        parameters.client_no_context_takeover || offered.client_no_context_takeover;
    Ok(Some(Deflate {
        outgoing: Direction {
            window_bits: client_window_bits,
            context_takeover: !client_no_context_takeover,
        },
        incoming: Direction {
            window_bits: server_window_bits,
            context_takeover: !parameters.server_no_context_takeover,
        },
        level: offered.level,
        threshold: offered.threshold,
    }))
}

/// Chooses among the client's offers: what is agreed on, and the header's value that says so.
#[cfg(feature = "server")]
pub(crate) fn choose(headers: &Headers, options: &Compression) -> Option<(Deflate, String)> {
    if FEATURES.is_empty() {
        return None;
    }
    extensions(headers)
        .filter_map(Result::ok)
        .filter(|offer| offer.name == NAME)
        .find_map(|offer| accept(&Parameters::read(&offer).ok()?, options))
}

#[cfg(feature = "server")]
fn accept(offer: &Parameters, options: &Compression) -> Option<(Deflate, String)> {
    let server_window_bits = offer
        .server_max_window_bits
        .unwrap_or(15)
        .min(options.server_max_window_bits);
    let mut answer = String::from(NAME);
    if server_window_bits < 15 {
        answer.push_str(&format!("; server_max_window_bits={server_window_bits}"));
    }
    // A client that does not say that it can is not told (RFC 7692 §7.1.2.2).
    let client_window_bits = match offer.client_max_window_bits {
        Some(bits) => {
            let bits = bits.unwrap_or(15).min(options.client_max_window_bits);
            if bits < 15 {
                answer.push_str(&format!("; client_max_window_bits={bits}"));
            }
            bits
        }
        None => 15,
    };
    let client_no_context_takeover =
        offer.client_no_context_takeover || options.client_no_context_takeover;
    if client_no_context_takeover {
        answer.push_str("; client_no_context_takeover");
    }
    let server_no_context_takeover =
        offer.server_no_context_takeover || options.server_no_context_takeover;
    if server_no_context_takeover {
        answer.push_str("; server_no_context_takeover");
    }
    let deflate = Deflate {
        outgoing: Direction {
            window_bits: server_window_bits,
            context_takeover: !server_no_context_takeover,
        },
        incoming: Direction {
            window_bits: client_window_bits,
            context_takeover: !client_no_context_takeover,
        },
        level: options.level,
        threshold: options.threshold,
    };
    Some((deflate, answer))
}

/// An item of `Sec-WebSocket-Extensions` (RFC 6455 §9.1).
struct Extension<'a> {
    name: &'a str,
    parameters: Vec<(&'a str, Option<&'a str>)>,
}

/// None of the values that we know may hold a comma or a semicolon, so quotes only wrap.
fn extensions(headers: &Headers) -> impl Iterator<Item = Result<Extension<'_>, String>> {
    headers.tokens("Sec-WebSocket-Extensions").map(|item| {
        let mut parts = item.split(';').map(|part| part.trim_matches([' ', '\t']));
        let name = parts.next().unwrap_or_default();
        let parameters = parts
            .map(|part| match part.split_once('=') {
                Some((name, value)) => {
                    let value = value.trim_matches([' ', '\t']);
                    let unquoted = value.strip_prefix('"').and_then(|v| v.strip_suffix('"'));
                    (name.trim_end(), Some(unquoted.unwrap_or(value)))
                }
                None => (part, None),
            })
            .collect();
        if is_token(name) {
            Ok(Extension { name, parameters })
        } else {
            Err(format!("{item:?} is not an extension"))
        }
    })
}

#[derive(Debug, Default)]
struct Parameters {
    /// `Some(None)`: without a value.
    client_max_window_bits: Option<Option<u8>>,
    server_max_window_bits: Option<u8>,
    client_no_context_takeover: bool,
    server_no_context_takeover: bool,
}

impl Parameters {
    /// Unknown, repeated and invalid parameters are errors (RFC 7692 §7.1).
    fn read(extension: &Extension<'_>) -> Result<Parameters, String> {
        let mut read = Parameters::default();
        for &(name, value) in &extension.parameters {
            let fresh = match (name, value) {
                ("client_max_window_bits", value) => {
                    let bits = value.map(window_bits).transpose()?;
                    read.client_max_window_bits.replace(bits).is_none()
                }
                ("server_max_window_bits", Some(value)) => {
                    let bits = window_bits(value)?;
                    read.server_max_window_bits.replace(bits).is_none()
                }
                ("client_no_context_takeover", None) => {
                    !std::mem::replace(&mut read.client_no_context_takeover, true)
                }
                ("server_no_context_takeover", None) => {
                    !std::mem::replace(&mut read.server_no_context_takeover, true)
                }
                _ => return Err(format!("{NAME} has no parameter {name:?} of that form")),
            };
            if !fresh {
                return Err(format!("the parameter {name} of {NAME} is repeated"));
            }
        }
        Ok(read)
    }
}

/// 8 to 15, without leading zeros.
fn window_bits(value: &str) -> Result<u8, String> {
    match value.parse() {
        Ok(bits @ 8..=15) if !value.starts_with(['0', '+']) => Ok(bits),
        _ => Err(format!("{value:?} is not a number of window bits")),
    }
}

#[cfg(test)]
#[path = "permessage_deflate_tests.rs"]
mod tests;
