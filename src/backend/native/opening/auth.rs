//! HTTP authentication, Basic and Digest, towards servers and proxies.

#[cfg(feature = "authentication")]
mod challenge_response;
#[cfg(not(feature = "authentication"))]
#[path = "auth/no_challenge_response.rs"]
mod challenge_response;

use std::sync::Arc;

use self::challenge_response::ChallengeResponse;
use super::endpoint::Endpoint;
use crate::auth::{AuthScheme, Challenge, Credentials};
use crate::backend::native::event_sink::EventSink;
use crate::decision::Decision;
use crate::error::{Error, ErrorKind};
use crate::event::Event;
use crate::features::Features;
use crate::options::Options;
use crate::response::Response;

/// The features of this build.
pub(crate) const FEATURES: Features = match cfg!(feature = "authentication") {
    true => Features::AUTHENTICATION,
    false => Features::NONE,
};

/// A server that calls more answers in a row outdated has no answer it likes.
const MAX_STALE: usize = 3;

/// Where credentials come from that were not given beforehand: the application, if it wants.
pub(crate) struct Prompt {
    host: String,
    is_proxy: bool,
    is_wanted: bool,
    sink: Arc<EventSink>,
}

impl Prompt {
    pub(crate) fn server(url: &Endpoint, options: &Options, sink: Arc<EventSink>) -> Prompt {
        Prompt {
            host: url.peer(),
            is_proxy: false,
            is_wanted: options.get_ask_credentials(),
            sink,
        }
    }

    #[cfg(feature = "proxy")]
    pub(crate) fn proxy(host: &str, port: u16, options: &Options, sink: Arc<EventSink>) -> Prompt {
        Prompt {
            host: super::endpoint::authority(host, port),
            is_proxy: true,
            is_wanted: options.get_ask_credentials(),
            sink,
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
        self.sink.tell(if self.is_proxy {
            Event::ProxyAuthenticate(decision)
        } else {
            Event::Authenticate(decision)
        });
        answer.await
    }
}

/// Credentials for one server or proxy: what was given beforehand, then what the application says.
pub(crate) struct CredentialSource {
    prompt: Prompt,
    preset: Option<Credentials>,
    current: Option<Credentials>,
}

impl CredentialSource {
    pub(crate) fn new(prompt: Prompt, preset: Option<Credentials>) -> CredentialSource {
        CredentialSource {
            prompt,
            preset,
            current: None,
        }
    }

    /// Returns whether there are credentials, or the application may give some.
    #[cfg(feature = "proxy")]
    pub(crate) fn is_able(&self) -> bool {
        self.current.is_some() || self.preset.is_some() || self.prompt.is_wanted
    }

    /// The credentials in use, after a challenge.
    pub(crate) fn current(&self) -> Option<&Credentials> {
        self.current.as_ref()
    }

    /// Credentials other than those that were refused; `None` ends the attempt.
    pub(crate) async fn next(&mut self, scheme: AuthScheme, realm: &str) -> Option<&Credentials> {
        let tried = self.current.take();
        let next = match self.preset.take() {
            Some(preset) => Some(preset),
            None => self.prompt.ask(scheme, realm, tried.clone()).await,
        };
        self.current = next.filter(|next| tried.as_ref() != Some(next));
        self.current.as_ref()
    }
}

/// Answers the challenges of one server or HTTP proxy.
pub(crate) struct Authenticator {
    source: CredentialSource,
    challenge_response: Option<ChallengeResponse>,
    stale: usize,
}

impl Authenticator {
    pub(crate) fn new(prompt: Prompt, preset: Option<Credentials>) -> Authenticator {
        Authenticator {
            source: CredentialSource::new(prompt, preset),
            challenge_response: None,
            stale: 0,
        }
    }

    /// The value of `Authorization` or `Proxy-Authorization` for the next request; none before it
    /// was asked for.
    pub(crate) fn authorization(
        &mut self,
        method: &str,
        uri: &str,
    ) -> Result<Option<String>, Error> {
        let (Some(challenge_response), Some(credentials)) =
            (&mut self.challenge_response, self.source.current())
        else {
            return Ok(None);
        };
        challenge_response
            .answer(credentials, method, uri)
            .map(Some)
    }

    /// Takes the challenges of a 401 or 407 and finds credentials for them, so that the next request
    /// has an answer.
    pub(crate) async fn respond(&mut self, response: &Response) -> Result<(), Error> {
        let (kind, header, who) = if self.source.prompt.is_proxy {
            let kind = ErrorKind::ProxyAuthentication;
            (kind, "Proxy-Authenticate", "proxy")
        } else {
            (ErrorKind::Authentication, "WWW-Authenticate", "server")
        };
        let refuse = |text| Err(Error::new(kind, text).with_response(response.clone()));
        let challenge_response =
            match ChallengeResponse::choose(|| response.headers.get_all(header)) {
                Ok(challenge_response) => challenge_response,
                Err(why) => {
                    return refuse(format!("the {who} asks for authentication: {why}"));
                }
            };
        let was_tried = self.source.current().is_some();
        if challenge_response.is_stale() && was_tried && self.stale < MAX_STALE {
            self.stale += 1;
        } else {
            let realm = challenge_response.realm();
            if self
                .source
                .next(challenge_response.scheme(), realm)
                .await
                .is_none()
            {
                return refuse(if was_tried {
                    format!("the {who} refused the credentials for {realm:?}")
                } else {
                    format!("the {who} asks for credentials for {realm:?}")
                });
            }
        }
        self.challenge_response = Some(challenge_response);
        Ok(())
    }
}
