//! The answer to a challenge, by http-auth, two of whose limits end here: it takes ASCII only, and it
//! answers `auth-int` wrongly.

use http_auth::digest::{Algorithm, DigestClient};
use http_auth::parser::ChallengeParser;
use http_auth::{ChallengeRef, ParamValue, PasswordClient, PasswordClientBuilder, PasswordParams};
use percent_encoding::{AsciiSet, CONTROLS, percent_decode_str, utf8_percent_encode};

use crate::auth::{AuthScheme, Credentials};
use crate::error::Error;

/// Answers one challenge.
pub(crate) struct ChallengeResponse {
    client: Client,
    realm: String,
}

enum Client {
    Basic,
    Digest(DigestClient),
}

impl ChallengeResponse {
    /// Chooses among the challenges of these header lines: Digest wins over Basic, and the first
    /// Digest over the others (RFC 7616 §3.7).
    pub(crate) fn choose<'a, L>(lines: impl Fn() -> L) -> Result<ChallengeResponse, String>
    where
        L: Iterator<Item = &'a str>,
    {
        let is_ascii = lines().all(str::is_ascii);
        let consider = match is_ascii {
            true => consider,
            false => consider_disguised,
        };
        match lines().fold(PasswordClient::builder(), consider).build()? {
            PasswordClient::Digest(digest) => Ok(ChallengeResponse {
                realm: digest.realm().to_owned(),
                client: Client::Digest(digest),
            }),
            PasswordClient::Basic(basic) => Ok(ChallengeResponse {
                realm: match is_ascii {
                    true => basic.realm().to_owned(),
                    false => undisguised(basic.realm()),
                },
                client: Client::Basic,
            }),
            _ => Err("in a way that is not known here".into()),
        }
    }

    pub(crate) fn scheme(&self) -> AuthScheme {
        match self.client {
            Client::Basic => AuthScheme::Basic,
            Client::Digest(_) => AuthScheme::Digest,
        }
    }

    pub(crate) fn realm(&self) -> &str {
        &self.realm
    }

    /// Returns whether only the nonce was wrong (RFC 7616 §3.3).
    pub(crate) fn is_stale(&self) -> bool {
        matches!(&self.client, Client::Digest(digest) if digest.stale())
    }

    /// The value of the header for this request.
    pub(crate) fn answer(
        &mut self,
        credentials: &Credentials,
        method: &str,
        uri: &str,
    ) -> Result<String, Error> {
        let (username, password) = (credentials.user(), credentials.password());
        match &mut self.client {
            // RFC 7617 §2: it would become part of the password.
            Client::Basic if username.contains(':') => Err(Error::invalid_input(
                "a name with a colon cannot be sent by Basic",
            )),
            Client::Basic => Ok(http_auth::basic::encode_credentials(username, password)),
            Client::Digest(digest) => {
                let mut parameters = PasswordParams {
                    username,
                    password,
                    method,
                    uri,
                    body: None,
                };
                // Without a body it has no answer to a server that insists on `auth-int`.
                let answer = digest.respond(&parameters).or_else(|_| {
                    parameters.body = Some(hash_of_nothing(digest.algorithm())?.as_bytes());
                    digest.respond(&parameters)
                });
                let answer = answer.and_then(|answer| match digest.rfc2069_compat() {
                    true => Ok(answer + algorithm_parameter(digest.algorithm())?),
                    false => Ok(answer),
                });
                answer.map_err(|why| {
                    Error::invalid_input(format!("these credentials cannot be sent: {why}"))
                })
            }
        }
    }
}

/// A digest holds the hash of the body (RFC 7616 §3.4.3), where http-auth has the body itself. Ours
/// is empty.
fn hash_of_nothing(algorithm: Algorithm) -> Result<&'static str, String> {
    match algorithm {
        Algorithm::Md5 => Ok("d41d8cd98f00b204e9800998ecf8427e"),
        Algorithm::Sha256 => Ok("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        Algorithm::Sha512Trunc256 => {
            Ok("c672b8d1ef56ed28ab87c3622c5114069bdd3ad7b8f9737498d0c01ecef0967a")
        }
        other => Err(format!("the algorithm {other:?} is not known here")),
    }
}

/// Without `qop`, http-auth leaves out which algorithm it used, and MD5 would be understood (RFC 7616
/// §3.4).
fn algorithm_parameter(algorithm: Algorithm) -> Result<&'static str, String> {
    match algorithm {
        Algorithm::Md5 => Ok(""),
        Algorithm::Sha256 => Ok(", algorithm=SHA-256"),
        Algorithm::Sha512Trunc256 => Ok(", algorithm=SHA-512-256"),
        other => Err(format!("the algorithm {other:?} is not known here")),
    }
}

/// A quoted string may hold what is not ASCII (RFC 9110 §5.6.4). In this disguise it does not.
const DISGUISE: &AsciiSet = &CONTROLS.remove(b'\t').add(b'%');

fn undisguised(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

fn consider(builder: PasswordClientBuilder, challenges: &str) -> PasswordClientBuilder {
    let mut builder = builder;
    for challenge in ChallengeParser::new(challenges) {
        let Ok(challenge) = challenge else {
            // The builder keeps the text of the error.
            return builder.challenges(challenges);
        };
        builder = builder.challenge(&with_realm(challenge));
    }
    builder
}

/// Servers leave out the realm of Basic, which is empty then.
fn with_realm(mut challenge: ChallengeRef<'_>) -> ChallengeRef<'_> {
    let is_realm = |(name, _): &(&str, _)| name.eq_ignore_ascii_case("realm");
    if challenge.scheme.eq_ignore_ascii_case("Basic") && !challenge.params.iter().any(is_realm) {
        let empty = ParamValue::try_from_escaped("").expect("nothing is to be escaped in it");
        challenge.params.push(("realm", empty));
    }
    challenge
}

/// Considers challenges in disguise. That does no harm to Basic, whose realm is only shown; a digest
/// of what it changed would be wrong.
fn consider_disguised(builder: PasswordClientBuilder, challenges: &str) -> PasswordClientBuilder {
    let disguised = utf8_percent_encode(challenges, DISGUISE).to_string();
    let is_unchanged = |(_, value): &(_, ParamValue<'_>)| !value.as_escaped().contains('%');
    ChallengeParser::new(&disguised)
        .map_while(Result::ok)
        .filter(|challenge| {
            !challenge.scheme.eq_ignore_ascii_case("Digest")
                || challenge.params.iter().all(is_unchanged)
        })
        .map(with_realm)
        .fold(builder, |builder, challenge| builder.challenge(&challenge))
}
