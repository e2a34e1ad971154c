//! A socket that connects to a server of `wss`.
//!
//! Alerts come in front of what they led to, since nothing follows `Disconnected`: Qt tells its own
//! behind. A refused certificate is an alert of its own kind, of which Qt's server only sees the
//! end of TCP. What the server saw is told in the words of its front.

use std::sync::{Arc, Mutex};

use qwebsocket::{
    AcceptErrors, Features, KeyRequest, Options, PreSharedKey, TlsConfig, TlsError, TlsErrorKind,
    TlsInfo, TlsVersion, WebSocket,
};
use support::Script;

use super::secure::{Front, Secure, Shown};
use super::story::{CLOSING, ENDED, Story};
use super::{Lab, Target};

const PSK_CIPHERS: &str = "PSK-AES128-GCM-SHA256:PSK-AES256-CBC-SHA";

/// What the front sees of a handshake that has nothing special.
pub(crate) const SECURE: &str = "secure TLSv1.3 sni=- client=-";

/// We end TLS in order.
pub(crate) const NOTICE: &str = "AlertSent(Warning, CloseNotify)";

/// A socket that was opened at a server of `wss`.
pub(crate) struct Wss<T: Target> {
    pub(crate) story: Story<T>,
    pub(crate) front: Box<dyn Front>,
    pub(crate) url: String,
}

pub(crate) type Asked = Arc<Mutex<Vec<KeyRequest>>>;

impl<T: Target> Wss<T> {
    /// A socket with these options, which need these features, and a server of the script behind
    /// such a front; where the platform lacks the features, they are refused.
    pub(crate) async fn with(
        lab: &Lab<T>,
        needed: Features,
        options: Options,
        server: Secure,
        script: &Script,
    ) -> Option<Wss<T>> {
        let mut wss = Wss::prepare(lab, needed, options, server)?;
        let url = wss.story.run.url(script, "");
        wss.url = url.replace(wss.story.run.base(), &wss.front.base());
        wss.story
            .socket
            .open(wss.url.clone().into())
            .expect("the script's URL");
        Some(wss)
    }

    /// The same, not yet opened, and for an echo.
    pub(crate) fn prepare(
        lab: &Lab<T>,
        needed: Features,
        options: Options,
        server: Secure,
    ) -> Option<Wss<T>> {
        let lab = lab.with(needed, options)?;
        let front =
            T::secure(server).unwrap_or_else(|| panic!("no server shows {:?}", server.shown));
        let story = lab.story();
        let url = story.run.url(&Script::echo(), "");
        let url = url.replace(story.run.base(), &front.base());
        Some(Wss { story, front, url })
    }

    /// With this configuration.
    pub(crate) async fn serve(lab: &Lab<T>, tls: TlsConfig, server: Secure) -> Option<Wss<T>> {
        let options = Options::new().tls(tls);
        Wss::with(lab, Features::TLS_CONFIG, options, server, &Script::echo()).await
    }

    pub(crate) async fn open(lab: &Lab<T>, tls: TlsConfig, shown: Shown) -> Option<Wss<T>> {
        Wss::serve(lab, tls, Secure::shows(shown)).await
    }

    /// One that trusts nobody and asks.
    pub(crate) async fn ask(lab: &Lab<T>, shown: Shown) -> Option<Wss<T>> {
        let tls = TlsConfig::new().system_roots(false).ask_errors(true);
        let needed = Features::TLS_CONFIG | Features::TLS_ERRORS;
        let (options, server) = (Options::new().tls(tls), Secure::shows(shown));
        Wss::with(lab, needed, options, server, &Script::echo()).await
    }

    /// One that asks at the first error, too.
    pub(crate) async fn interrupt(lab: &Lab<T>, tls: TlsConfig, shown: Shown) -> Option<Wss<T>> {
        let tls = tls.ask_errors(true).interrupt_on_error(true);
        let needed = Features::TLS_CONFIG | Features::TLS_ERRORS | Features::TLS_INTERRUPTION;
        let (options, server) = (Options::new().tls(tls), Secure::shows(shown));
        Wss::with(lab, needed, options, server, &Script::echo()).await
    }

    /// One that has this key, and what it is asked for it.
    pub(crate) async fn by_key(lab: &Lab<T>, key: Option<PreSharedKey>) -> Option<(Wss<T>, Asked)> {
        let asked = Asked::default();
        let told = asked.clone();
        let tls = TlsConfig::new()
            .system_roots(false)
            .max_version(TlsVersion::Tls1_2)
            .ciphers(PSK_CIPHERS)
            .pre_shared_key(move |request| {
                told.lock().expect("nobody panics").push(request.clone());
                key.clone()
            });
        let needed = Features::TLS_CONFIG | Features::TLS_CIPHERS | Features::PRE_SHARED_KEY;
        let (options, server) = (Options::new().tls(tls), Secure::shows(Shown::Key));
        let wss = Wss::with(lab, needed, options, server, &Script::echo()).await?;
        Some((wss, asked))
    }

    pub(crate) fn accept(&mut self, answer: AcceptErrors) {
        let decision = self.story.tls_errors.take().expect("it was asked");
        assert!(decision.question().host().starts_with("127.0.0.1"));
        decision.answer(answer);
    }

    pub(crate) fn go_on(&mut self) {
        self.story
            .interrupted
            .take()
            .expect("it was asked")
            .answer(());
    }

    /// It connects, after a question.
    pub(crate) async fn goes_on(&mut self) {
        self.story.expect(["Connected", "Connected()"]).await;
    }

    /// It connects, and talks.
    pub(crate) async fn converses(mut self) -> TlsInfo {
        self.story.opened().await;
        self.talks().await
    }

    pub(crate) async fn talks(self) -> TlsInfo {
        self.talks_after(SECURE).await
    }

    /// A message comes back, and everything is closed in order, as the server sees it.
    pub(crate) async fn talks_after(mut self, secure: &str) -> TlsInfo {
        let info = self.says_secret().await;
        self.saw(["accepted", secure, "data", "close_notify"]).await;
        info
    }

    pub(crate) async fn says_secret(&mut self) -> TlsInfo {
        let info = self
            .story
            .socket
            .info()
            .tls()
            .cloned()
            .expect("there is TLS");
        self.story.send("secret");
        self.story.expect(["Text(secret)"]).await;
        self.closes().await;
        let saw = ["Text(secret)", "Close(1000)", "eof"];
        self.story.run.saw(saw).await;
        info
    }

    /// As [`Story::closes`]. Whether the server's `close_notify` is still seen depends on who is
    /// first.
    pub(crate) async fn closes(&mut self) {
        self.story.begin_close(Default::default());
        self.story.expect(CLOSING).await;
        let mut told = self.story.rest().await;
        told.retain(|event| event != "AlertReceived(Warning, CloseNotify)");
        let expected = [&[NOTICE], &ENDED[..]]
            .concat()
            .into_iter()
            .map(str::to_owned);
        let expected: Vec<_> = self.story.lab.visible(expected).collect();
        assert_eq!(told, expected);
        assert_eq!(self.story.socket.close_code(), Some(1000.into()));
        self.story.is_over().await;
    }

    /// The certificate is refused by this alert, before anything of HTTP has left.
    pub(crate) async fn is_refused(&mut self, alert: &str) {
        let (sent, _) = self.refusal().await;
        if self.story.lab.can(Features::TLS_ALERTS) {
            assert_eq!(sent, alert);
        }
    }

    /// The alert and the text of the error.
    pub(crate) async fn refusal(&mut self) -> (String, String) {
        let mut alert = None;
        loop {
            let event = self.story.first().await;
            let Some(sent) = event.strip_prefix("AlertSent(Fatal, ") else {
                assert_eq!(event, "Error(Tls)");
                break;
            };
            alert = Some(sent.trim_end_matches(')').to_owned());
        }
        self.story.expect(["Unconnected", "Disconnected()"]).await;
        self.story.is_over().await;
        self.saw(["accepted"]).await;
        let word = self.front.saw().await;
        assert!(word.starts_with("failed "), "{word}");
        assert!(
            word.contains("alert") || word.contains("certificate"),
            "{word}"
        );
        let error = self.story.socket.last_error().expect("it failed");
        if self.story.lab.can(Features::TLS_ERRORS) {
            assert_eq!(error.to_string(), error.tls_errors()[0].to_string());
        }
        (alert.unwrap_or_default(), error.to_string())
    }

    /// The front sees this next.
    pub(crate) async fn saw<const N: usize>(&self, words: [&str; N]) {
        for word in words {
            assert_eq!(self.front.saw().await, word);
        }
    }
}

/// Trusts the authority of the servers only.
pub(crate) fn trusting<T: Target>() -> TlsConfig {
    TlsConfig::new().system_roots(false).root_pem(T::root())
}

/// The certificate is refused for these errors.
pub(crate) async fn fails<T: Target>(
    lab: &Lab<T>,
    tls: TlsConfig,
    shown: Shown,
    errors: &[&str],
    alert: &str,
) {
    let Some(mut wss) = Wss::open(lab, tls, shown).await else {
        return;
    };
    wss.story.expect(["Connecting"]).await;
    let found = errors
        .iter()
        .map(|error| format!("PeerVerifyError({error})"));
    wss.story.expect(found).await;
    wss.is_refused(alert).await;
    if lab.can(Features::TLS_ERRORS) {
        let error = wss.story.socket.last_error().expect("it failed");
        let told = kinds(error.tls_errors());
        let told: Vec<_> = told.iter().map(|kind| format!("{kind:?}")).collect();
        assert_eq!(told, errors);
        assert!(
            error
                .tls_errors()
                .iter()
                .all(|error| error.certificate().is_some())
        );
    }
}

pub(crate) fn subjects(info: &TlsInfo) -> Vec<&str> {
    info.peer_certificates()
        .iter()
        .map(|c| c.subject())
        .collect()
}

pub(crate) fn kinds(errors: &[TlsError]) -> Vec<TlsErrorKind> {
    errors.iter().map(TlsError::kind).collect()
}
