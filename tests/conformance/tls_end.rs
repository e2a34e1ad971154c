//! Ends of TLS, in order and not, before the handshake is done and after. Browsers keep them to
//! themselves: there the options are refused.

use std::time::Duration;

use qwebsocket::{ErrorKind, Features, Options, Timeouts, WebSocket};
use support::Script;

use super::secure::{Secure, Shown};
use super::story::{ENDED, Story};
use super::wss::{NOTICE, SECURE, Wss, trusting};
use super::{Lab, Target};

/// A server that says nothing: there is a time limit, where Qt waits for ever.
pub(crate) async fn tls_to_silent_port<T: Target>(lab: Lab<T>) {
    const LIMIT: Duration = Duration::from_millis(400);
    let timeouts = Timeouts::new().tls(LIMIT);
    let options = Options::new().timeouts(timeouts).tls(trusting::<T>());
    let Some(lab) = lab.with(Features::TLS_CONFIG, options) else {
        return;
    };
    let begin = T::now();
    let story = fails_at(&lab, &Script::new().drain(5000), ErrorKind::TimedOut).await;
    assert!((LIMIT..5 * LIMIT).contains(&(T::now() - begin)));
    let log = story.run.log(1).await;
    assert!(log.bytes(1) > 100 && log.hung_up(1), "{log}");
}

/// The server resets TCP while TLS begins.
pub(crate) async fn tls_reset_in_handshake<T: Target>(lab: Lab<T>) {
    let Some(lab) = lab.with(Features::TLS_CONFIG, Options::new().tls(trusting::<T>())) else {
        return;
    };
    fails_at(
        &lab,
        &Script::new().drain(100).rst(),
        ErrorKind::RemoteClosed,
    )
    .await;
}

/// TCP ends without a word of TLS. We end TLS in order all the same (RFC 8446 §6.1).
pub(crate) async fn tls_drop_raw<T: Target>(lab: Lab<T>) {
    let options = Options::new().tls(trusting::<T>());
    let script = Script::new().accept().sleep(60);
    let server = Secure::shows(Shown::Good).cutting();
    let needed = Features::TLS_CONFIG;
    let Some(mut wss) = Wss::with(&lab, needed, options, server, &script).await else {
        return;
    };
    wss.story.opened().await;
    wss.story.expect(["Error(RemoteClosed)", NOTICE]).await;
    wss.story.ends(1006, "").await;
}

/// TLS ends in order, and the WebSocket does not: one error, where Qt has two. That we end TLS in
/// order as well is told.
pub(crate) async fn tls_drop_notify<T: Target>(lab: Lab<T>) {
    let options = Options::new().tls(trusting::<T>());
    let script = Script::new().accept().sleep(60);
    let server = Secure::shows(Shown::Good);
    let needed = Features::TLS_CONFIG;
    let Some(mut wss) = Wss::with(&lab, needed, options, server, &script).await else {
        return;
    };
    wss.story.opened().await;
    wss.story
        .expect(["AlertReceived(Warning, CloseNotify)"])
        .await;
    wss.story.expect(["Error(RemoteClosed)", NOTICE]).await;
    wss.story.ends(1006, "").await;
}

/// `abort`: TLS ends in order, and the WebSocket does not.
pub(crate) async fn tls_abort_connected<T: Target>(lab: Lab<T>) {
    let Some(mut wss) = Wss::open(&lab, trusting::<T>(), Shown::Good).await else {
        return;
    };
    wss.story.opened().await;
    wss.story.socket.abort();
    let mut told = wss.story.rest().await;
    let alert = told.iter().position(|event| event == NOTICE);
    assert_eq!(alert.is_some(), lab.can(Features::TLS_ALERTS), "{told:?}");
    if let Some(alert) = alert {
        assert!(alert < 2, "{NOTICE} comes before Unconnected: {told:?}");
        told.remove(alert);
    }
    assert_eq!(told, [&["AboutToClose()"], &ENDED[..]].concat());
    wss.story.is_over().await;
    wss.saw(["accepted", SECURE, "data", "close_notify"]).await;
    wss.story.run.saw(["eof"]).await;
}

/// `ws` after `wss`: nothing of the old certificates is shown, as Qt does.
pub(crate) async fn tls_reopen_ws_after_wss<T: Target>(lab: Lab<T>) {
    let Some(mut wss) = Wss::open(&lab, trusting::<T>(), Shown::Good).await else {
        return;
    };
    wss.story.opened().await;
    assert!(wss.story.socket.info().tls().is_some());
    wss.closes().await;
    wss.story.open(&Script::echo());
    assert!(wss.story.socket.info().tls().is_none());
    wss.story.opened().await;
    assert!(wss.story.socket.info().tls().is_none());
    wss.story.closes().await;
    let saw = &["Close(1000)", "eof"][..];
    wss.story.run.saw_each(&[saw, saw]).await;
}

/// TLS fails at a server that follows this script instead.
async fn fails_at<T: Target>(lab: &Lab<T>, script: &Script, kind: ErrorKind) -> Story<T> {
    let mut story = lab.story();
    let port = story.run.own_port(script).await;
    let url = format!("wss://127.0.0.1:{port}/");
    story.socket.open(url.into()).expect("a good URL");
    story.fails_to_open(kind).await;
    story
}

cases! {
    tls_to_silent_port,
    tls_reset_in_handshake,
    tls_drop_raw,
    tls_drop_notify,
    tls_abort_connected,
    tls_reopen_ws_after_wss,
}
