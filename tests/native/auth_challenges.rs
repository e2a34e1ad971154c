//! Challenges of all kinds, and their answers.

use qwebsocket::{AuthScheme, Credentials, ErrorKind, Options, Socket, WebSocket};

use crate::auth::{BASIC, PLAIN, asking, denying, knowing, opens, question, right};
use crate::common::{fail, run};
use crate::conformance::cases::digest::Answer;

#[test]
fn schemes_that_nobody_knows_do_not_hide_others() {
    for challenges in [
        "Negotiate, NTLM, Basic realm=\"shadow\"",
        "Negotiate\r\nWWW-Authenticate: NTLM\r\nWWW-Authenticate: Basic realm=shadow",
        "NTLM TlRMTVNTUAACAAAA==\r\nWWW-Authenticate: Basic realm=\"shadow\"",
        "Digest realm=\"x\", nonce=\"n\", algorithm=SHA-3, Basic realm=\"shadow\"",
        "Digest realm=\"x\", nonce=\"n\", qop=\"new\"\r\nWWW-Authenticate: basic realm=\"shadow\"",
        "Bearer realm=\"a, b\", error=\"c=d\", Basic realm=\"shadow\", charset=\"UTF-8\"",
        // Folded lines mean blanks (RFC 9112 §5.2).
        "Basic\r\n\trealm=\"shadow\"",
        "Digest realm=\"x\",\r\n nonce=\"n\",\r\n qop=\"new\",\r\n Basic realm=\"shadow\"",
    ] {
        let server = denying([challenges]);
        run(async {
            let socket = knowing();
            socket.open(server.url().into()).unwrap();
            opens(&socket).await;
            let sent = server.sent(1, "Authorization").await;
            assert_eq!(sent, ["-", BASIC], "{challenges}");
        });
    }
}

#[test]
fn basic_without_a_realm_has_an_empty_one() {
    for challenges in ["Basic", "basic charset=\"UTF-8\"", "Negotiate, Basic"] {
        let server = denying([challenges]);
        run(async {
            let socket = asking();
            socket.open(server.url().into()).unwrap();
            let decision = question(&socket).await;
            let asked = (decision.question().realm(), decision.question().scheme());
            assert_eq!(asked, ("", AuthScheme::Basic), "{challenges}");
            decision.answer(right());
            opens(&socket).await;
            assert_eq!(server.sent(1, "Authorization").await, ["-", BASIC]);
        });
    }
}

#[test]
fn malformed_challenges_are_one_clear_error() {
    for challenges in ["", "Digest realm=\"x\"", "=,=", "Basic realm=\"shadow"] {
        let server = denying([challenges]);
        run(async {
            let error = fail(&knowing(), server.url()).await;
            assert_eq!(error.kind(), ErrorKind::Authentication, "{challenges}");
            assert_eq!(server.sent(1, "Authorization").await, ["-"]);
        });
    }
}

#[test]
fn digest_comes_in_kinds() {
    for (parameters, algorithm, qop) in [
        ("algorithm=MD5, qop=\"auth\"", "MD5", "auth"),
        ("algorithm=MD5-sess, qop=\"auth\"", "MD5-sess", "auth"),
        ("algorithm=SHA-256, qop=\"auth\"", "SHA-256", "auth"),
        ("algorithm=SHA-256-sess, qop=auth", "SHA-256-sess", "auth"),
        ("algorithm=SHA-512-256, qop=\"auth\"", "SHA-512-256", "auth"),
        ("qop=\"auth-int\"", "MD5", "auth-int"),
        (
            "qop=\"auth-int\", algorithm=SHA-256-sess",
            "SHA-256-sess",
            "auth-int",
        ),
        ("qop=\"auth-int,auth\"", "MD5", "auth"),
        ("qop=\"auth , other\"", "MD5", "auth"),
    ] {
        let sent = digest(&format!("Digest realm=\"r\", nonce=\"n\", {parameters}"));
        sent.is_right("r", "n");
        assert_eq!((sent.algorithm(), sent.get("qop")), (algorithm, qop));
        assert_eq!(sent.get("nc"), "00000001");
    }
}

/// As it was before qop, and with another hash: the server is told which.
#[test]
fn a_digest_without_qop_may_have_any_algorithm() {
    for algorithm in ["MD5", "SHA-256"] {
        let challenge = format!("Digest realm=\"r\", nonce=\"n\", algorithm={algorithm}");
        let sent = digest(&challenge);
        assert_eq!(sent.algorithm(), algorithm);
        sent.is_right("r", "n");
        assert!(!sent.has("qop") && !sent.has("nc") && !sent.has("cnonce"));
    }
}

#[test]
fn the_first_digest_is_answered() {
    let first = "Digest realm=\"a, \\\"b\\\"=c\", nonce=\"n\", qop=\"auth\", algorithm=SHA-256";
    let second = "Digest realm=\"d\", nonce=\"m\", qop=\"auth\"";
    let basic = "Basic realm=\"e, f\"";
    for separator in [", ", "\r\nWWW-Authenticate: "] {
        for challenges in [[first, second, basic], [basic, first, second]] {
            let sent = digest(&challenges.join(separator));
            sent.is_right("a, \"b\"=c", "n");
        }
    }
}

/// The answer to these challenges by `user:pass`.
fn digest(challenges: &str) -> Answer {
    let server = denying([challenges]);
    run(async {
        let socket = Socket::new();
        socket.open(server.url_of("user:pass").into()).unwrap();
        opens(&socket).await;
        let sent = server.sent(1, "Authorization").await;
        let log = server.log(1).await;
        let target = log.request(1)[0].split(' ').nth(1).unwrap();
        Answer::parse(&sent[1], target)
    })
}

#[test]
fn realms_need_not_be_ascii() {
    let digest = "Digest realm=\"shadow 100%\", nonce=\"n\", qop=\"auth\"";
    let foreign = "Digest realm=\"grüße\", nonce=\"n\", qop=\"auth\"";
    for (challenges, realm, scheme) in [
        (
            "Basic realm=\"grüße, \\\"du\\\" 5%\"",
            "grüße, \"du\" 5%",
            AuthScheme::Basic,
        ),
        ("Basic realm=\"5%41\"", "5%41", AuthScheme::Basic),
        (digest, "shadow 100%", AuthScheme::Digest),
        // A digest of what is not ASCII is not computed.
        (
            &format!("{foreign}, Basic realm=\"5%41\""),
            "5%41",
            AuthScheme::Basic,
        ),
        (
            &format!("{foreign}, {}", digest.replace('%', "")),
            "shadow 100",
            AuthScheme::Digest,
        ),
    ] {
        let server = denying([challenges]);
        run(async {
            let socket = asking();
            socket.open(server.url().into()).unwrap();
            let decision = question(&socket).await;
            let asked = (decision.question().realm(), decision.question().scheme());
            assert_eq!(asked, (realm, scheme), "{challenges}");
            decision.answer(right());
            opens(&socket).await;
        });
    }
    let server = denying([foreign]);
    run(async {
        let error = fail(&asking(), server.url()).await;
        assert_eq!(error.kind(), ErrorKind::Authentication);
    });
}

#[test]
fn names_need_not_be_ascii() {
    let user = Credentials::new("jürgen", "grüß");
    let digest = "Digest realm=\"r\", nonce=\"n\", qop=\"auth\", charset=UTF-8";
    let server = denying([PLAIN]);
    let options = Options::new().credentials(user);
    run(async {
        let socket = Socket::with_options(options.clone()).unwrap();
        socket.open(server.url().into()).unwrap();
        opens(&socket).await;
        let sent = server.sent(1, "Authorization").await;
        assert_eq!(sent[1], "Basic asO8cmdlbjpncsO8w58=");

        let server = denying([digest]);
        socket.open(server.url().into()).unwrap();
        opens(&socket).await;
        let sent = server.sent(1, "Authorization").await;
        assert!(
            sent[1].contains("username*=UTF-8''j%C3%BCrgen, "),
            "{sent:?}"
        );
    });
}

#[test]
fn a_nonce_that_is_always_stale_is_the_end() {
    let stale = "Digest realm=\"r\", nonce=\"n\", qop=\"auth\", stale=true";
    let server = denying([stale; 9]);
    run(async {
        let error = fail(&knowing(), server.url()).await;
        assert_eq!(error.kind(), ErrorKind::Authentication);
        let sent = server.sent(1, "Authorization").await;
        assert!((2..6).contains(&sent.len()), "{sent:?}");
    });
}
