//! HTTP authentication. Browsers ask their user: there the options and the URLs are refused.

use qwebsocket::{Credentials, ErrorKind, Features, Options, Request, WebSocket};
use support::{Payload, Script};

use super::digest::Answer;
use super::run::Run;
use super::secure::{Secure, Shown};
use super::story::Story;
use super::wss::{Wss, trusting};
use super::{Lab, Target};

const PLAIN: &str = "Basic realm=\"shadow\"";

/// `user:pass`.
const BASIC: &str = "Basic dXNlcjpwYXNz";

const ASKED: &str = "Authenticate(Basic, shadow)";

/// The target of the digests.
const TARGET: &str = "/dir/index.html?a=b";

/// Credentials in the URL are sent when they are asked for, on the same connection, and shown
/// nowhere.
pub(crate) async fn auth_url_basic<T: Target>(lab: Lab<T>) {
    let script = Script::new().raw(denied(PLAIN)).request().accept().serve();
    let Some(mut story) = opens(&lab, "user:pass", &script) else {
        return;
    };
    story.opened().await;
    let url = story.run.url(&script, TARGET);
    assert_eq!(story.socket.request_url(), url);
    story.closes().await;
    assert_eq!(story.run.sent(1, "Authorization").await, [["-", BASIC]]);
    story.run.saw(["Close(1000)", "eof"]).await;
}

/// `Connection: close` is obeyed: the answer goes over a new connection, and no `ReadFinished` is
/// told.
pub(crate) async fn auth_url_basic_close<T: Target>(lab: Lab<T>) {
    let denied = denied(PLAIN).replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n");
    let script = Script::new().raw(denied).fin();
    let script = script.next_connection().accept().serve();
    let Some(mut story) = opens(&lab, "user:pass", &script) else {
        return;
    };
    story.opened().await;
    story.closes().await;
    story
        .run
        .saw_each(&[&["eof"], &["Close(1000)", "eof"]])
        .await;
    let sent = story.run.sent(2, "Authorization").await;
    assert_eq!(sent, [["-"], [BASIC]]);
}

/// A user without a password has an empty one.
pub(crate) async fn auth_url_user_only<T: Target>(lab: Lab<T>) {
    let script = Script::new().raw(denied(PLAIN)).request().accept().serve();
    let Some(mut story) = opens(&lab, "user", &script) else {
        return;
    };
    story.opened().await;
    story.closes().await;
    let sent = story.run.sent(1, "Authorization").await;
    assert_eq!(sent, [["-", "Basic dXNlcjo="]]);
}

/// Wrong ones are told with the question, whose refusal is the end: with the answer's body where it
/// belongs, and nothing of it in a close code.
pub(crate) async fn auth_url_wrong<T: Target>(lab: Lab<T>) {
    let Some(lab) = asking(&lab) else { return };
    let script = Script::new().raw(denied(PLAIN)).request();
    let script = script.raw(denied(PLAIN)).drain(700);
    let mut story = opens(&lab, "bad:bad", &script).expect("as the lab");
    let asked = ["Authenticate(Basic, shadow, not bad:bad)"];
    story
        .fails_to_open_after(&asked, ErrorKind::Authentication)
        .await;
    has_body(&story);
    let sent = story.run.sent(1, "Authorization").await;
    assert_eq!(sent, [["-", "Basic YmFkOmJhZA=="]]);
}

/// The question names who asks.
pub(crate) async fn auth_slot<T: Target>(lab: Lab<T>) {
    let script = Script::new().raw(denied(PLAIN)).request().accept().serve();
    let Some(story) = answers(&lab, &script, &[BASIC]).await else {
        return;
    };
    assert_eq!(story.challenges[0].host(), story.run.authority());
    assert_eq!(story.challenges[0].tried(), None);
}

/// The end of the connection ends the body.
pub(crate) async fn auth_slot_close_no_length<T: Target>(lab: Lab<T>) {
    let denied = format!(
        "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: {PLAIN}\r\nConnection: close\r\n\r\ndenied"
    );
    let script = Script::new().raw(denied).fin();
    let script = script.next_connection().accept().serve();
    let Some(lab) = asking(&lab) else { return };
    let mut story = lab.story();
    story.answers = [right()].into();
    story.open(&script);
    story.opened_after(&[ASKED]).await;
    story.closes().await;
    let sent = story.run.sent(2, "Authorization").await;
    assert_eq!(sent, [["-"], [BASIC]]);
}

/// A large body is read to its end, for the sake of the connection.
pub(crate) async fn auth_slot_large_body<T: Target>(lab: Lab<T>) {
    const LENGTH: usize = 100_000;
    let head = denied(PLAIN).replace(": 6\r\n\r\ndenied", &format!(": {LENGTH}\r\n\r\n"));
    let denied = Payload::from(&*head).and(Payload::repeat("x", LENGTH));
    let script = Script::new().raw(denied).request().accept().serve();
    answers(&lab, &script, &[BASIC]).await;
}

/// So is one that comes late.
pub(crate) async fn auth_slot_body_late<T: Target>(lab: Lab<T>) {
    let denied = denied(PLAIN);
    let (head, body) = denied.split_at(denied.len() - "denied".len());
    let script = Script::new().raw(head).sleep(200).raw(body);
    answers(&lab, &script.request().accept().serve(), &[BASIC]).await;
}

/// A question that is not answered is the end, and one that nobody wants is not asked.
pub(crate) async fn auth_unanswered<T: Target>(lab: Lab<T>) {
    let Some(asking) = asking(&lab) else { return };
    for (lab, asked) in [(&asking, &[ASKED][..]), (&lab, &[])] {
        let mut story = lab.story();
        story.open(&Script::new().raw(denied(PLAIN)).drain(700));
        story
            .fails_to_open_after(asked, ErrorKind::Authentication)
            .await;
        has_body(&story);
        story.run.saw(["eof"]).await;
    }
}

/// What was wrong is in the next question.
pub(crate) async fn auth_wrong_then_right<T: Target>(lab: Lab<T>) {
    let Some(lab) = asking(&lab) else { return };
    let mut story = lab.story();
    story.answers = [Credentials::new("user", "bad"), right()].into();
    let script = Script::new().raw(denied(PLAIN)).request();
    let script = script.raw(denied(PLAIN)).request().accept().serve();
    story.open(&script);
    let asked = [ASKED, "Authenticate(Basic, shadow, not user:bad)"];
    story.opened_after(&asked).await;
    story.closes().await;
    let sent = story.run.sent(1, "Authorization").await;
    assert_eq!(sent, [["-", "Basic dXNlcjpiYWQ=", BASIC]]);
}

/// Digest with qop: its `uri` is the request's target (RFC 7616 §3.4), where Qt has the whole URL.
pub(crate) async fn auth_digest<T: Target>(lab: Lab<T>) {
    let challenge = "Digest realm=\"shadow\", nonce=\"dcd98b7102dd2f0e\", qop=\"auth\", \
                     algorithm=MD5, opaque=\"5ccc\"";
    let Some(sent) = digests(&lab, &[challenge]).await else {
        return;
    };
    sent[0].is_right("shadow", "dcd98b7102dd2f0e");
    assert_eq!(sent[0].get("opaque"), "5ccc");
    assert_eq!(sent[0].get("nc"), "00000001");
    assert_eq!(sent[0].algorithm(), "MD5");
}

/// Digest as it was before qop (RFC 2069).
pub(crate) async fn auth_digest_no_qop<T: Target>(lab: Lab<T>) {
    let challenge = "Digest realm=\"shadow\", nonce=\"abc\"";
    let Some(sent) = digests(&lab, &[challenge]).await else {
        return;
    };
    assert!(!sent[0].has("qop") && !sent[0].has("nc") && !sent[0].has("cnonce"));
    sent[0].is_right("shadow", "abc");
}

/// A stale nonce is replaced without a question.
pub(crate) async fn auth_digest_stale<T: Target>(lab: Lab<T>) {
    let first = "Digest realm=\"shadow\", nonce=\"dcd98b7102dd2f0e\", qop=\"auth\", \
                 algorithm=MD5, opaque=\"5ccc\"";
    let second = "Digest realm=\"shadow\", nonce=\"newnonce\", qop=\"auth\", stale=true";
    let Some(sent) = digests(&lab, &[first, second]).await else {
        return;
    };
    sent[0].is_right("shadow", "dcd98b7102dd2f0e");
    sent[1].is_right("shadow", "newnonce");
    assert_eq!(sent[1].get("nc"), "00000001");
}

/// Digest is taken where Basic is offered as well; Qt takes Basic.
pub(crate) async fn auth_both_one_header<T: Target>(lab: Lab<T>) {
    let challenge = "Basic realm=\"a\", Digest realm=\"b\", nonce=\"n\", qop=\"auth\"";
    if let Some(sent) = digests(&lab, &[challenge]).await {
        sent[0].is_right("b", "n");
    }
}

/// Unknown schemes are the end, and the application is not asked.
pub(crate) async fn auth_two_unsupported<T: Target>(lab: Lab<T>) {
    let Some(lab) = asking(&lab) else { return };
    let mut story = lab.story();
    let denied = denied("Bearer realm=x\r\nWWW-Authenticate: Hawk");
    story.open(&Script::new().raw(denied).drain(700));
    story.fails_to_open(ErrorKind::Authentication).await;
    has_body(&story);
    story.run.saw(["eof"]).await;
}

/// The application's own `Authorization` is sent at once.
pub(crate) async fn auth_preset_header<T: Target>(lab: Lab<T>) {
    let mut story = lab.story();
    let request = story.request(&Script::echo());
    let opened = story.socket.open(request.header("Authorization", BASIC));
    if lab.granted(Features::HEADERS, opened).is_none() {
        return;
    }
    story.opened().await;
    story.closes().await;
    assert_eq!(story.run.sent(1, "Authorization").await, [[BASIC]]);
}

/// What follows a 401 fails as it would without.
pub(crate) async fn auth_then_404<T: Target>(lab: Lab<T>) {
    let script = Script::new().raw(denied(PLAIN)).request();
    let script = script.raw("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
    let Some(mut story) = opens(&lab, "user:pass", &script.drain(700)) else {
        return;
    };
    story.fails_to_open(ErrorKind::Handshake).await;
    let error = story.socket.last_error().expect("it failed");
    assert_eq!(error.response().expect("an answer").status(), 404);
    assert_eq!(story.run.sent(1, "Authorization").await, [["-", BASIC]]);
}

/// The same over TLS.
pub(crate) async fn auth_wss<T: Target>(lab: Lab<T>) {
    let options = Options::new().ask_credentials(true).tls(trusting::<T>());
    let needed = Features::AUTHENTICATION | Features::TLS_CONFIG;
    let script = Script::new().raw(denied(PLAIN)).request().accept().serve();
    let server = Secure::shows(Shown::Good);
    let Some(mut wss) = Wss::with(&lab, needed, options, server, &script).await else {
        return;
    };
    wss.story.answers = [right()].into();
    wss.story.opened_after(&[ASKED]).await;
    wss.closes().await;
    assert_eq!(wss.story.run.sent(1, "Authorization").await, [["-", BASIC]]);
}

/// NTLM is not supported; Qt sends a blob of it unasked.
pub(crate) async fn auth_ntlm<T: Target>(lab: Lab<T>) {
    let Some(lab) = asking(&lab) else { return };
    let mut story = lab.story();
    story.answers = [right()].into();
    story.open(&Script::new().raw(denied("NTLM")).drain(700));
    story.fails_to_open(ErrorKind::Authentication).await;
    assert!(story.socket.error_string().contains("NTLM"));
    assert_eq!(story.run.sent(1, "Authorization").await, [["-"]]);
}

fn right() -> Credentials {
    Credentials::new("user", "pass")
}

/// The answer to who did not say who he is, or not rightly.
fn denied(challenges: &str) -> String {
    format!(
        "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: {challenges}\r\nContent-Length: 6\r\n\r\n\
         denied"
    )
}

/// A lab whose sockets ask, where the platform lets them.
fn asking<T: Target>(lab: &Lab<T>) -> Option<Lab<T>> {
    let options = Options::new().ask_credentials(true);
    lab.with(Features::AUTHENTICATION, options)
}

/// Opens a URL with credentials, where the platform takes them.
fn opens<T: Target>(lab: &Lab<T>, userinfo: &str, script: &Script) -> Option<Story<T>> {
    let story = lab.story();
    let url = story.run.url(script, TARGET);
    let request = Request::new(url.replace("ws://", &format!("ws://{userinfo}@")));
    assert!(!format!("{request:?}").contains(userinfo), "{request:?}");
    lab.granted(Features::AUTHENTICATION, story.socket.open(request))?;
    Some(story)
}

/// A question is answered, after which the server is sent this.
async fn answers<T: Target>(lab: &Lab<T>, script: &Script, sent: &[&str]) -> Option<Story<T>> {
    let mut story = asking(lab)?.story();
    story.answers = [right()].into();
    story.open(script);
    story.opened_after(&[ASKED]).await;
    story.closes().await;
    story.run.saw(["Close(1000)", "eof"]).await;
    let expected = [&["-"], sent].concat();
    assert_eq!(story.run.sent(1, "Authorization").await, [expected]);
    Some(story)
}

/// The refusal can be read.
fn has_body<T: Target>(story: &Story<T>) {
    let error = story.socket.last_error().expect("it failed");
    let response = error.response().expect("an answer");
    assert_eq!(
        (response.status(), &response.body()[..]),
        (401, &b"denied"[..])
    );
}

/// The answers to these challenges, one after the other, with credentials in the URL.
async fn digests<T: Target>(lab: &Lab<T>, challenges: &[&str]) -> Option<Vec<Answer>> {
    let ask = |script: Script, challenge: &&str| script.raw(denied(challenge)).request();
    let script = challenges.iter().fold(Script::new(), ask);
    let mut story = opens(lab, "user:pass", &script.accept().serve())?;
    story.opened().await;
    story.closes().await;
    let sent = story.run.sent(1, "Authorization").await.remove(0);
    assert_eq!(sent[0], "-");
    assert_eq!(sent.len(), challenges.len() + 1);
    let uri = request_target(&story.run).await;
    let answers = sent[1..].iter().map(|sent| Answer::parse(sent, &uri));
    Some(answers.collect())
}

async fn request_target<T: Target>(run: &Run<T>) -> String {
    let log = run.log(1).await;
    let line = log.request(1).first().expect("a request line");
    line.split(' ').nth(1).expect("a target").to_owned()
}

cases! {
    auth_url_basic,
    auth_url_basic_close,
    auth_url_user_only,
    auth_url_wrong,
    auth_slot,
    auth_slot_close_no_length,
    auth_slot_large_body,
    auth_slot_body_late,
    auth_unanswered,
    auth_wrong_then_right,
    auth_digest,
    auth_digest_no_qop,
    auth_digest_stale,
    auth_both_one_header,
    auth_two_unsupported,
    auth_preset_header,
    auth_then_404,
    auth_wss,
    auth_ntlm,
}
