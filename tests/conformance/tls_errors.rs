//! Certificates with errors: who is asked, and what becomes of the answer. Browsers decide by
//! themselves: there the options are refused.

use qwebsocket::{
    AcceptErrors, Features, Options, TlsConfig, TlsError, TlsErrorKind, TlsVersion, WebSocket,
};
use support::Script;

use super::secure::{Secure, Shown};
use super::story::ENDED;
use super::wss::{SECURE, Wss, fails, kinds, subjects, trusting};
use super::{Lab, Target};

/// The error that stops a certificate which nobody has signed.
const SELF_SIGNED: &str = "PeerVerifyError(SelfSignedCertificate)";

const ASKED: &str = "TlsErrors(SelfSignedCertificate)";

/// The question is answered when it comes.
pub(crate) async fn tls_ignore_in_slot<T: Target>(lab: Lab<T>) {
    let Some(mut wss) = Wss::ask(&lab, Shown::SelfSigned).await else {
        return;
    };
    wss.story.expect(["Connecting", SELF_SIGNED, ASKED]).await;
    wss.accept(AcceptErrors::All);
    wss.goes_on().await;
    let info = wss.talks().await;
    assert_eq!(subjects(&info), ["CN=self"]);
    assert_eq!(
        kinds(info.ignored_errors()),
        [TlsErrorKind::SelfSignedCertificate]
    );
}

/// An error that is told is ignored when it is asked about; in Qt the slot of the first could
/// already say so.
pub(crate) async fn tls_ignore_in_verify_slot<T: Target>(lab: Lab<T>) {
    let Some(mut wss) = Wss::ask(&lab, Shown::SelfSigned).await else {
        return;
    };
    wss.story.expect(["Connecting", SELF_SIGNED]).await;
    assert!(wss.story.tls_errors.is_none());
    wss.story.expect([ASKED]).await;
    wss.accept(AcceptErrors::All);
    wss.goes_on().await;
    wss.talks().await;
}

/// Each connection asks again.
pub(crate) async fn tls_ignore_slot_sticky<T: Target>(lab: Lab<T>) {
    let Some(mut wss) = Wss::ask(&lab, Shown::SelfSigned).await else {
        return;
    };
    wss.story.expect(["Connecting", SELF_SIGNED, ASKED]).await;
    wss.accept(AcceptErrors::All);
    wss.goes_on().await;
    wss.closes().await;
    wss.saw(["accepted", SECURE, "data", "close_notify"]).await;
    wss.story
        .socket
        .open(wss.url.clone().into())
        .expect("the same URL");
    wss.story.expect(["Connecting", SELF_SIGNED, ASKED]).await;
    wss.story.tls_errors = None;
    wss.is_refused("UnknownCa").await;
}

/// A list that was given beforehand, of errors with their certificates.
pub(crate) async fn tls_list_exact<T: Target>(lab: Lab<T>) {
    let Some(listed) = self_signed(&lab).await else {
        return;
    };
    let tls = TlsConfig::new().system_roots(false).ignore_errors(listed);
    let wss = Wss::open(&lab, tls, Shown::SelfSigned).await;
    let mut wss = wss.expect("it was refused before");
    wss.story.expect(["Connecting", SELF_SIGNED]).await;
    wss.goes_on().await;
    wss.talks().await;
}

/// The same list as the answer.
pub(crate) async fn tls_list_exact_in_slot<T: Target>(lab: Lab<T>) {
    let Some(mut wss) = Wss::ask(&lab, Shown::SelfSigned).await else {
        return;
    };
    wss.story.expect(["Connecting", SELF_SIGNED, ASKED]).await;
    let errors = wss
        .story
        .tls_errors
        .as_ref()
        .map(|d| d.question().errors().to_vec());
    wss.accept(AcceptErrors::Listed(errors.expect("it was asked")));
    wss.goes_on().await;
    wss.talks().await;
}

/// A list with another error of the same certificate.
pub(crate) async fn tls_list_other_error<T: Target>(lab: Lab<T>) {
    let Some(listed) = self_signed(&lab).await else {
        return;
    };
    let other = TlsErrorKind::HostNameMismatch;
    let listed = listed
        .iter()
        .map(|error| TlsError::new(other, error.certificate().cloned()));
    let tls = TlsConfig::new().system_roots(false);
    let tls = tls.ignore_errors(listed.collect::<Vec<_>>());
    fails(
        &lab,
        tls,
        Shown::SelfSigned,
        &["SelfSignedCertificate"],
        "UnknownCa",
    )
    .await;
}

/// A second list replaces the first.
pub(crate) async fn tls_list_replaced<T: Target>(lab: Lab<T>) {
    let Some(listed) = self_signed(&lab).await else {
        return;
    };
    let tls = TlsConfig::new().system_roots(false);
    let tls = tls.ignore_errors(listed).ignore_errors([]);
    fails(
        &lab,
        tls,
        Shown::SelfSigned,
        &["SelfSignedCertificate"],
        "UnknownCa",
    )
    .await;
}

/// The name is found wrong last, and is the first of the list.
pub(crate) async fn tls_expired_mismatch<T: Target>(lab: Lab<T>) {
    let tls = trusting::<T>().ask_errors(true);
    let needed = Features::TLS_CONFIG | Features::TLS_ERRORS;
    let server = Secure::shows(Shown::ExpiredOtherName);
    let Some(mut wss) = Wss::with(
        &lab,
        needed,
        Options::new().tls(tls),
        server,
        &Script::echo(),
    )
    .await
    else {
        return;
    };
    let found = [
        "PeerVerifyError(CertificateExpired)",
        "PeerVerifyError(HostNameMismatch)",
    ];
    wss.story.expect(["Connecting"]).await;
    wss.story.expect(found).await;
    wss.story
        .expect(["TlsErrors(HostNameMismatch, CertificateExpired)"])
        .await;
    wss.story.tls_errors = None;
    let (alert, error) = wss.refusal().await;
    assert!(
        ["BadCertificate", "CertificateExpired"].contains(&&*alert),
        "{alert}"
    );
    assert!(error.contains("host name"), "{error}");
}

/// `abort` at the first word of an error: nothing is asked any more.
pub(crate) async fn tls_close_in_verify_slot<T: Target>(lab: Lab<T>) {
    let Some(mut wss) = Wss::ask(&lab, Shown::SelfSigned).await else {
        return;
    };
    wss.story.expect(["Connecting", SELF_SIGNED]).await;
    wss.story.socket.abort();
    wss.story.expect(["AboutToClose()"]).await;
    wss.story.expect(ENDED).await;
    wss.story.is_over().await;
    wss.saw(["accepted"]).await;
    let word = wss.front.saw().await;
    assert!(word.starts_with("failed "), "{word}");
}

/// The handshake is interrupted at the first error, whose `PeerVerifyError` is told as well, where Qt
/// leaves it out, and asked about like the other.
pub(crate) async fn tls_interrupt_continue_two<T: Target>(lab: Lab<T>) {
    let Some(mut wss) = Wss::interrupt(&lab, trusting::<T>(), Shown::ExpiredOtherName).await else {
        return;
    };
    let interrupted = "HandshakeInterrupted(CertificateExpired)";
    wss.story.expect(["Connecting", interrupted]).await;
    wss.story.quiet(100).await;
    wss.go_on();
    let found = [
        "PeerVerifyError(CertificateExpired)",
        "PeerVerifyError(HostNameMismatch)",
    ];
    wss.story.expect(found).await;
    wss.story
        .expect(["TlsErrors(HostNameMismatch, CertificateExpired)"])
        .await;
    wss.story.tls_errors = None;
    let (_, error) = wss.refusal().await;
    assert!(error.contains("host name"), "{error}");
}

/// Interrupted, continued and accepted. `PeerVerifyError` as above.
pub(crate) async fn tls_interrupt_continue_ignore<T: Target>(lab: Lab<T>) {
    let tls = TlsConfig::new().system_roots(false);
    let Some(mut wss) = Wss::interrupt(&lab, tls, Shown::SelfSigned).await else {
        return;
    };
    let interrupted = "HandshakeInterrupted(SelfSignedCertificate)";
    wss.story.expect(["Connecting", interrupted]).await;
    wss.go_on();
    wss.story.expect([SELF_SIGNED, ASKED]).await;
    wss.accept(AcceptErrors::All);
    wss.goes_on().await;
    wss.talks().await;
}

/// Not continued: the server hears why, with TLS 1.2 as well. The error has a text, unlike Qt's.
pub(crate) async fn tls_interrupt_stop_tls12<T: Target>(lab: Lab<T>) {
    let needed = Features::TLS_CONFIG | Features::TLS_INTERRUPTION;
    let tls = TlsConfig::new()
        .system_roots(false)
        .interrupt_on_error(true);
    let server = Secure::shows(Shown::SelfSigned).only(TlsVersion::Tls1_2);
    let options = Options::new().tls(tls);
    let Some(mut wss) = Wss::with(&lab, needed, options, server, &Script::echo()).await else {
        return;
    };
    let interrupted = "HandshakeInterrupted(SelfSignedCertificate)";
    wss.story.expect(["Connecting", interrupted]).await;
    wss.story.interrupted = None;
    wss.is_refused("UnknownCa").await;
}

/// Waiting for an answer is what Qt's pause mode is.
pub(crate) async fn tls_pause_resume_ignore<T: Target>(lab: Lab<T>) {
    let Some(mut wss) = Wss::ask(&lab, Shown::SelfSigned).await else {
        return;
    };
    wss.story.expect(["Connecting", SELF_SIGNED, ASKED]).await;
    wss.story.quiet(500).await;
    wss.saw(["accepted"]).await;
    wss.accept(AcceptErrors::All);
    wss.goes_on().await;
    wss.closes().await;
    wss.saw([SECURE, "data", "close_notify"]).await;
    wss.story.run.saw(["Close(1000)", "eof"]).await;
}

/// It goes on without an acceptance, which refuses.
pub(crate) async fn tls_pause_resume_only<T: Target>(lab: Lab<T>) {
    let Some(mut wss) = Wss::ask(&lab, Shown::SelfSigned).await else {
        return;
    };
    wss.story.expect(["Connecting", SELF_SIGNED, ASKED]).await;
    wss.story.quiet(100).await;
    wss.accept(AcceptErrors::Listed(Vec::new()));
    wss.is_refused("UnknownCa").await;
}

/// The answer comes at once.
pub(crate) async fn tls_pause_resume_in_slot<T: Target>(lab: Lab<T>) {
    let Some(mut wss) = Wss::ask(&lab, Shown::SelfSigned).await else {
        return;
    };
    wss.story.expect(["Connecting", SELF_SIGNED, ASKED]).await;
    wss.accept(AcceptErrors::All);
    wss.goes_on().await;
    wss.closes().await;
    wss.story.run.saw(["Close(1000)", "eof"]).await;
}

/// The errors of the self-signed certificate, as they are told where they can be.
async fn self_signed<T: Target>(lab: &Lab<T>) -> Option<Vec<TlsError>> {
    let mut wss = Wss::ask(lab, Shown::SelfSigned).await?;
    wss.story.expect(["Connecting", SELF_SIGNED, ASKED]).await;
    wss.story.tls_errors = None;
    wss.is_refused("UnknownCa").await;
    let error = wss.story.socket.last_error().expect("it failed");
    Some(error.tls_errors().to_vec())
}

cases! {
    tls_ignore_in_slot,
    tls_ignore_in_verify_slot,
    tls_ignore_slot_sticky,
    tls_list_exact,
    tls_list_exact_in_slot,
    tls_list_other_error,
    tls_list_replaced,
    tls_expired_mismatch,
    tls_close_in_verify_slot,
    tls_interrupt_continue_two,
    tls_interrupt_continue_ignore,
    tls_interrupt_stop_tls12,
    tls_pause_resume_ignore,
    tls_pause_resume_only,
    tls_pause_resume_in_slot,
}
