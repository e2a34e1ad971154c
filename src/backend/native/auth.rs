//! Who we are: HTTP authentication by Basic and Digest, towards servers and proxies.

use std::sync::Arc;

use http_auth::digest::Algorithm;
use http_auth::parser::ChallengeParser;
use http_auth::{ParamValue, PasswordClient, PasswordClientBuilder, PasswordParams};
use percent_encoding::{AsciiSet, CONTROLS, percent_decode_str, utf8_percent_encode};

use super::dial::authority;
use super::told::Told;
use super::url::Url;
use crate::{
    AuthScheme, Challenge, Credentials, Decision, Error, ErrorKind, Event, Options, Response,
};

/// A server that calls more answers in a row outdated has no answer it likes.
const MAX_STALE: usize = 3;

/// Where credentials come from that were not given beforehand: the application, if it wants.
pub(super) struct Asker {
    host: String,
    is_proxy: bool,
    is_wanted: bool,
    told: Arc<Told>,
}

impl Asker {
    pub(super) fn server(url: &Url, options: &Options, told: Arc<Told>) -> Asker {
        Asker {
            host: authority(&url.host, url.port),
            is_proxy: false,
            is_wanted: options.ask_credentials,
            told,
        }
    }

    pub(super) fn proxy(host: &str, port: u16, options: &Options, told: Arc<Told>) -> Asker {
        Asker {
            host: authority(host, port),
            is_proxy: true,
            is_wanted: options.ask_credentials,
            told,
        }
    }

    async fn ask(
        &self,
        scheme: AuthScheme,
        realm: &str,
        tried: Option<Credentials>,
    ) -> Option<Credentials> {
        if !self.is_wanted {
            return None;
        }
        let (decision, answer) = Decision::new(Challenge {
            scheme,
            host: self.host.clone(),
            realm: realm.to_owned(),
            tried,
        });
        self.told.tell(if self.is_proxy {
            Event::ProxyAuthenticate(decision)
        } else {
            Event::Authenticate(decision)
        });
        answer.await
    }
}

/// Credentials for one server or proxy: what was given beforehand, then what the application says.
pub(super) struct Supply {
    asker: Asker,
    preset: Option<Credentials>,
    current: Option<Credentials>,
}

impl Supply {
    pub(super) fn new(asker: Asker, preset: Option<Credentials>) -> Supply {
        Supply {
            asker,
            preset,
            current: None,
        }
    }

    /// Whether there are, or may be, credentials.
    pub(super) fn is_able(&self) -> bool {
        self.current.is_some() || self.preset.is_some() || self.asker.is_wanted
    }

    /// What is in use, once it was asked for.
    pub(super) fn current(&self) -> Option<&Credentials> {
        self.current.as_ref()
    }

    /// Credentials other than those that were refused; `None` ends the attempt.
    pub(super) async fn next(&mut self, scheme: AuthScheme, realm: &str) -> Option<&Credentials> {
        let tried = self.current.take();
        let next = match self.preset.take() {
            Some(preset) => Some(preset),
            None => self.asker.ask(scheme, realm, tried.clone()).await,
        };
        self.current = next.filter(|next| tried.as_ref() != Some(next));
        self.current.as_ref()
    }
}

/// Answers the challenges of one server or HTTP proxy.
pub(super) struct Authenticator {
    supply: Supply,
    client: Option<PasswordClient>,
    stale: usize,
}

impl Authenticator {
    pub(super) fn new(asker: Asker, preset: Option<Credentials>) -> Authenticator {
        Authenticator {
            supply: Supply::new(asker, preset),
            client: None,
            stale: 0,
        }
    }

    /// The value of `Authorization` or `Proxy-Authorization` for the next request; none before it
    /// was asked for.
    pub(super) fn authorization(
        &mut self,
        method: &str,
        uri: &str,
    ) -> Result<Option<String>, Error> {
        let (Some(client), Some(credentials)) = (&mut self.client, self.supply.current()) else {
            return Ok(None);
        };
        // RFC 7617 §2: it would become part of the password.
        if matches!(client, PasswordClient::Basic(_)) && credentials.user().contains(':') {
            let text = "a name with a colon cannot be sent by Basic";
            return Err(Error::invalid_input(text));
        }
        let mut parameters = PasswordParams {
            username: credentials.user(),
            password: credentials.password(),
            method,
            uri,
            body: None,
        };
        // A server may insist on `auth-int`, for which there has to be a body, if only an empty one.
        let value = client.respond(&parameters).or_else(|_| {
            parameters.body = Some(no_body(client).as_bytes());
            client.respond(&parameters)
        });
        value
            .map(Some)
            .map_err(|why| Error::invalid_input(format!("these credentials cannot be sent: {why}")))
    }

    /// Takes the challenges of a 401 or 407 and finds credentials for them, so that the next request
    /// has an answer.
    pub(super) async fn respond(&mut self, response: &Response) -> Result<(), Error> {
        let (kind, header, who) = if self.supply.asker.is_proxy {
            let kind = ErrorKind::ProxyAuthentication;
            (kind, "Proxy-Authenticate", "proxy")
        } else {
            (ErrorKind::Authentication, "WWW-Authenticate", "server")
        };
        let refuse = |text| Err(Error::new(kind, text).with_response(response.clone()));
        let lines = || response.headers.get_all(header);
        let is_ascii = lines().all(str::is_ascii);
        let consider = if is_ascii {
            PasswordClientBuilder::challenges
        } else {
            consider_disguised
        };
        // Digest wins over Basic, and the first Digest over the others (RFC 7616 §3.7).
        let client = match lines().fold(PasswordClient::builder(), consider).build() {
            Ok(client) => client,
            Err(why) => {
                return refuse(format!("the {who} asks for authentication: {why}"));
            }
        };
        let (scheme, realm, is_stale) = match &client {
            PasswordClient::Digest(digest) => (AuthScheme::Digest, digest.realm(), digest.stale()),
            PasswordClient::Basic(basic) => (AuthScheme::Basic, basic.realm(), false),
            _ => {
                return refuse(format!(
                    "the {who} asks for authentication of an unknown kind"
                ));
            }
        };
        let realm = match is_ascii {
            true => realm.into(),
            false => percent_decode_str(realm).decode_utf8_lossy(),
        };
        if is_stale && self.supply.current().is_some() && self.stale < MAX_STALE {
            self.stale += 1;
        } else {
            let was_tried = self.supply.current().is_some();
            if self.supply.next(scheme, &realm).await.is_none() {
                return refuse(if was_tried {
                    format!("the {who} refused the credentials for {realm:?}")
                } else {
                    format!("the {who} asks for credentials for {realm:?}")
                });
            }
        }
        self.client = Some(client);
        Ok(())
    }
}

/// The hash of an empty body, which http-auth 0.1 takes for the body of a digest (RFC 7616 §3.4.3).
fn no_body(client: &PasswordClient) -> &'static str {
    match client {
        PasswordClient::Digest(digest) => match digest.algorithm() {
            Algorithm::Md5 => "d41d8cd98f00b204e9800998ecf8427e",
            Algorithm::Sha256 => "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
            Algorithm::Sha512Trunc256 => {
                "c672b8d1ef56ed28ab87c3622c5114069bdd3ad7b8f9737498d0c01ecef0967a"
            }
            _ => "",
        },
        _ => "",
    }
}

/// http-auth takes ASCII only, although a quoted string may hold more (RFC 9110 §5.6.4). In this
/// disguise any text is ASCII, and the same text again without it.
const DISGUISE: &AsciiSet = &CONTROLS.remove(b'\t').add(b'%');

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
        .fold(builder, |builder, challenge| builder.challenge(&challenge))
}
