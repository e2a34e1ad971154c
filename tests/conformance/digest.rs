//! Digest authentication (RFC 7616), computed once more.

use std::collections::HashMap;

use md5::{Digest, Md5};

/// An `Authorization` by Digest.
pub(crate) struct Answer {
    fields: HashMap<String, String>,
    /// The request's target.
    uri: String,
}

impl Answer {
    pub(crate) fn parse(sent: &str, uri: &str) -> Answer {
        let fields = sent.strip_prefix("Digest ").expect("Digest");
        let fields = fields.split(", ").map(|field| {
            let (name, value) = field.split_once('=').expect("a value");
            (name.to_owned(), value.trim_matches('"').to_owned())
        });
        Answer {
            fields: fields.collect(),
            uri: uri.to_owned(),
        }
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.fields.contains_key(name)
    }

    pub(crate) fn get(&self, name: &str) -> &str {
        self.fields.get(name).expect(name)
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
        let secret = md5(&format!("user:{realm}:pass"));
        let request = md5(&format!("GET:{}", self.uri));
        let once = match self.fields.get("qop") {
            Some(qop) => format!("{}:{}:{qop}:", self.get("nc"), self.get("cnonce")),
            None => String::new(),
        };
        let expected = md5(&format!("{secret}:{nonce}:{once}{request}"));
        assert_eq!(self.get("response"), expected);
    }
}

fn md5(text: &str) -> String {
    let digest = Md5::digest(text);
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}
