//! Digest authentication (RFC 7616), computed once more.

use std::collections::HashMap;

use md5::{Digest, Md5};
use sha2::{Sha256, Sha512_256};

/// An `Authorization` by Digest.
pub(crate) struct Answer {
    fields: HashMap<String, String>,
    /// The request's target.
    uri: String,
}

impl Answer {
    /// Some values are quoted, and others must not be (RFC 7616 §3.4).
    pub(crate) fn parse(sent: &str, uri: &str) -> Answer {
        let mut rest = sent.strip_prefix("Digest ").expect("Digest");
        let mut fields = HashMap::new();
        while let Some((name, behind)) = rest.split_once('=') {
            let name = name.trim_start_matches([',', ' ']).to_owned();
            let is_token = ["algorithm", "nc", "qop", "userhash", "username*"].contains(&&*name);
            assert_ne!(is_token, behind.starts_with('"'), "{name} in {sent}");
            let (value, behind) = match behind.strip_prefix('"') {
                Some(quoted) => unquote(quoted),
                None => {
                    let (token, behind) = behind.split_once(',').unwrap_or((behind, ""));
                    (token.to_owned(), behind)
                }
            };
            assert!(fields.insert(name, value).is_none(), "twice in {sent}");
            rest = behind;
        }
        Answer {
            fields,
            uri: uri.to_owned(),
        }
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.fields.contains_key(name)
    }

    pub(crate) fn get(&self, name: &str) -> &str {
        self.fields.get(name).expect(name)
    }

    /// MD5 need not be named (RFC 7616 §3.3).
    pub(crate) fn algorithm(&self) -> &str {
        self.fields.get("algorithm").map_or("MD5", String::as_str)
    }

    /// Checks all of it (RFC 7616 §3.4.1).
    pub(crate) fn is_right(&self, realm: &str, nonce: &str) {
        for (name, expected) in [
            ("username", "user"),
            ("realm", realm),
            ("nonce", nonce),
            ("uri", &self.uri),
        ] {
            assert_eq!(self.get(name), expected);
        }
        let (hash, is_session): (fn(&str) -> String, _) = match self.algorithm() {
            "MD5" => (hex::<Md5>, false),
            "MD5-sess" => (hex::<Md5>, true),
            "SHA-256" => (hex::<Sha256>, false),
            "SHA-256-sess" => (hex::<Sha256>, true),
            "SHA-512-256" => (hex::<Sha512_256>, false),
            "SHA-512-256-sess" => (hex::<Sha512_256>, true),
            other => panic!("no algorithm: {other}"),
        };
        let mut secret = hash(&format!("user:{realm}:pass"));
        if is_session {
            secret = hash(&format!("{secret}:{nonce}:{}", self.get("cnonce")));
        }
        let qop = self.fields.get("qop").map(String::as_str);
        let mut request = format!("GET:{}", self.uri);
        if qop == Some("auth-int") {
            // Of the body, which is empty.
            request = format!("{request}:{}", hash(""));
        }
        let request = hash(&request);
        let once = match qop {
            Some(qop) => format!("{}:{}:{qop}:", self.get("nc"), self.get("cnonce")),
            None => String::new(),
        };
        let expected = hash(&format!("{secret}:{nonce}:{once}{request}"));
        assert_eq!(self.get("response"), expected);
    }
}

/// A quoted string without its quotation marks (RFC 9110 §5.6.4), and what is behind it.
fn unquote(text: &str) -> (String, &str) {
    let mut value = String::new();
    let mut chars = text.char_indices();
    while let Some((at, char)) = chars.next() {
        match char {
            '"' => return (value, &text[at + 1..]),
            '\\' => value.extend(chars.next().map(|(_, char)| char)),
            char => value.push(char),
        }
    }
    panic!("no end of {text}");
}

fn hex<D: Digest>(text: &str) -> String {
    let digest = D::digest(text);
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}
