//! Questions about certificates, and what is decided beforehand.

use std::time::{Duration, Instant};

use async_std::task;
use futures::StreamExt;
use openssl::x509::X509;
use qwebsocket::{
    AcceptErrors, Decision, ErrorKind, Event, Options, Proxy, Socket, State, Timeouts,
    TlsCertificate, TlsConfig, TlsError, TlsErrorKind, TlsErrors, WebSocket, WebSocketExt,
};
use rcgen::date_time_ymd;

use super::super::{Authority, Pem, TlsFront, connect, front, open, params, rest, url, word};
use crate::common::{message, run};
use crate::programs::Program;
use crate::tls_front::{Ending, shows};

/// For another name, and expired.
struct Bad {
    front: TlsFront,
    authority: Authority,
}

const FOUND: [&str; 2] = [
    "PeerVerifyError(CertificateExpired)",
    "PeerVerifyError(HostNameMismatch)",
];

const ASKED: &str = "TlsErrors(HostNameMismatch, CertificateExpired)";

/// OpenSSL looks at the name before the time, and its alert is of the first.
const REFUSED: [&str; 4] = [
    "AlertSent(Fatal, BadCertificate)",
    "Error(Tls)",
    "Unconnected",
    "Disconnected()",
];

impl Bad {
    fn new() -> Bad {
        let authority = Authority::new("authority");
        let mut params = params(&["other.example"]);
        params.not_before = date_time_ymd(2001, 1, 1);
        params.not_after = date_time_ymd(2002, 1, 1);
        let front = front(shows(&authority.pem(params)));
        Bad { front, authority }
    }

    fn trusted(&self) -> TlsConfig {
        self.authority.trusted()
    }

    /// A socket that asks, and its question.
    async fn ask(&self, tls: TlsConfig) -> (Socket, Decision<TlsErrors>) {
        let mut socket = open(tls.ask_errors(true), &self.front);
        assert_eq!(word(&mut socket).await.unwrap(), "Connecting");
        let decision = question(&mut socket).await;
        assert_eq!(self.front.saw().await, "accepted");
        (socket, decision)
    }

    /// The errors, which are the same each time.
    async fn errors(&self) -> Vec<TlsError> {
        let mut socket = open(self.trusted(), &self.front);
        let told = rest(&mut socket).await;
        assert_eq!(told, [&["Connecting"], &FOUND[..], &REFUSED].concat());
        self.refused(&socket).await;
        socket.last_error().unwrap().tls_errors().to_vec()
    }

    /// No byte of HTTP has come.
    async fn refused(&self, socket: &Socket) {
        let error = socket.last_error().unwrap();
        let [name, time] = error.tls_errors() else {
            panic!("{error:?}");
        };
        assert_eq!(name.kind(), TlsErrorKind::HostNameMismatch);
        assert_eq!(time.kind(), TlsErrorKind::CertificateExpired);
        assert_eq!(name.certificate(), time.certificate());
        assert_eq!(error.to_string(), name.to_string());
        let mut seen = self.front.saw().await;
        if seen == "accepted" {
            seen = self.front.saw().await;
        }
        assert_eq!(seen, "failed sslv3 alert bad certificate");
        assert!(self.front.has_seen().is_empty());
    }

    /// HTTP came when it was decided.
    async fn accepted(&self) {
        let seen = self.front.saw().await;
        assert!(seen.starts_with("secure "), "{seen}");
        assert_eq!(self.front.saw().await, "data");
    }
}

/// The question that comes next, behind the errors one by one.
async fn question(socket: &mut Socket) -> Decision<TlsErrors> {
    for found in FOUND {
        assert_eq!(word(socket).await.unwrap(), found);
    }
    match socket.next().await {
        Some(Event::TlsErrors(decision)) => decision,
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_answer_decides() {
    let bad = Bad::new();
    let other = Bad::new();
    run(async {
        let errors = bad.errors().await;
        let same_error_elsewhere = other.errors().await;
        let other_error: Vec<_> = errors
            .iter()
            .map(|error| {
                let kind = TlsErrorKind::CertificateNotYetValid;
                TlsError::new(kind, error.certificate().cloned())
            })
            .collect();
        let without: Vec<_> = errors
            .iter()
            .map(|e| TlsError::new(e.kind(), None))
            .collect();
        let reversed: Vec<_> = errors.iter().rev().cloned().collect();
        let more = [&errors[..], &other_error].concat();
        for (answer, is_accepted) in [
            (AcceptErrors::All, true),
            (AcceptErrors::Listed(errors.clone()), true),
            (AcceptErrors::Listed(reversed), true),
            (AcceptErrors::Listed(more), true),
            (AcceptErrors::Listed(errors[..1].to_vec()), false),
            (AcceptErrors::Listed(errors[1..].to_vec()), false),
            (AcceptErrors::Listed(other_error), false),
            (AcceptErrors::Listed(same_error_elsewhere), false),
            (AcceptErrors::Listed(without), false),
            (AcceptErrors::Listed(Vec::new()), false),
        ] {
            let (mut socket, decision) = bad.ask(bad.trusted()).await;
            assert_eq!(decision.question().errors(), errors);
            assert_eq!(decision.question().host(), "localhost");
            decision.answer(answer.clone());
            if is_accepted {
                assert_eq!(word(&mut socket).await.unwrap(), "Connected", "{answer:?}");
                assert_eq!(
                    socket.info().tls().cloned().unwrap().ignored_errors(),
                    errors
                );
                bad.accepted().await;
                socket.abort();
                assert_eq!(bad.front.saw().await, "close_notify");
            } else {
                assert_eq!(rest(&mut socket).await, REFUSED, "{answer:?}");
                bad.refused(&socket).await;
            }
        }
    });
}

#[test]
fn a_question_is_refused_by_a_word_or_by_being_dropped() {
    let bad = Bad::new();
    run(async {
        for refuse in [Decision::refuse, drop] as [fn(Decision<TlsErrors>); 2] {
            let (mut socket, decision) = bad.ask(bad.trusted()).await;
            let kept = decision.clone();
            refuse(decision);
            drop(kept);
            assert_eq!(rest(&mut socket).await, REFUSED);
            bad.refused(&socket).await;
        }
    });
}

/// The time of TLS passes while it is done, and not while somebody thinks.
#[test]
fn an_answer_may_come_seconds_later_from_another_task() {
    const LIMIT: Duration = Duration::from_millis(500);
    const LATER: Duration = Duration::from_secs(2);
    let bad = Bad::new();
    run(async {
        for is_accepted in [true, false] {
            let timeouts = Timeouts::new().tls(LIMIT);
            let tls = bad.trusted().ask_errors(true);
            let options = Options::new().tls(tls).timeouts(timeouts);
            let mut socket = Socket::with_options(options).unwrap();
            socket.open(url(&bad.front).into()).unwrap();
            assert_eq!(word(&mut socket).await.unwrap(), "Connecting");
            let decision = question(&mut socket).await;
            let asked = Instant::now();
            let answering = task::spawn(async move {
                task::sleep(LATER).await;
                if is_accepted {
                    decision.answer(AcceptErrors::All);
                }
            });
            // Whoever waits for events is woken by the answer.
            let next = word(&mut socket).await.unwrap();
            answering.await;
            assert!(asked.elapsed() >= LATER);
            assert_eq!(bad.front.saw().await, "accepted");
            if is_accepted {
                assert_eq!(next, "Connected");
                bad.accepted().await;
                assert_eq!(socket.state(), State::Connected);
                socket.abort();
                assert_eq!(bad.front.saw().await, "close_notify");
            } else {
                assert_eq!(next, REFUSED[0]);
                assert_eq!(rest(&mut socket).await, REFUSED[1..]);
                bad.refused(&socket).await;
            }
        }
    });
}

/// Nothing but the first message of TLS has come while the question is open.
#[test]
fn nothing_leaves_before_the_answer() {
    let bad = Bad::new();
    run(async {
        let (mut socket, decision) = bad.ask(bad.trusted()).await;
        for _ in 0..20 {
            assert!(socket.try_next().is_none());
            task::sleep(Duration::from_millis(25)).await;
        }
        assert!(bad.front.has_seen().is_empty());
        assert_eq!(socket.state(), State::Connecting);
        decision.answer(AcceptErrors::All);
        assert_eq!(word(&mut socket).await.unwrap(), "Connected");
        bad.accepted().await;
    });
}

#[test]
fn a_list_that_was_given_beforehand_decides() {
    let bad = Bad::new();
    run(async {
        let errors = bad.errors().await;
        let tls = bad.trusted().ignore_errors(errors.clone());
        let socket = connect(tls.clone(), &bad.front).await.unwrap();
        assert_eq!(
            socket.info().tls().cloned().unwrap().ignored_errors(),
            errors
        );
        bad.front.has_seen();
        drop(socket);
        let close = bad.front.saw().await;
        assert_eq!(close, "close_notify");

        // Incomplete, it is no answer.
        let tls = tls.ignore_errors(&errors[..1]);
        let mut socket = open(tls.clone(), &bad.front);
        let told = rest(&mut socket).await;
        assert_eq!(told, [&["Connecting"], &FOUND[..], &REFUSED].concat());
        bad.refused(&socket).await;
        let (mut socket, decision) = bad.ask(tls).await;
        decision.answer(AcceptErrors::All);
        assert_eq!(word(&mut socket).await.unwrap(), "Connected");
    });
}

#[test]
fn a_list_can_name_a_certificate_that_was_kept() {
    let bad = Bad::new();
    run(async {
        let errors = bad.errors().await;
        let der = errors[0].certificate().unwrap().der();
        let pem = X509::from_der(der).unwrap().to_pem().unwrap();
        for kept in [
            TlsCertificate::from_der(der).unwrap(),
            TlsCertificate::from_pem(&pem).unwrap(),
        ] {
            let listed: Vec<_> = errors
                .iter()
                .map(|error| TlsError::new(error.kind(), kept.clone()))
                .collect();
            assert_eq!(listed, errors);
            let tls = bad.trusted().ignore_errors(listed);
            connect(tls, &bad.front).await.unwrap();
        }
    });
    for malformed in [
        TlsCertificate::from_der(b"none"),
        TlsCertificate::from_pem(b"none"),
    ] {
        assert_eq!(malformed.unwrap_err().kind(), ErrorKind::InvalidInput);
    }
}

#[test]
fn all_can_be_ignored_beforehand_and_is_told() {
    let bad = Bad::new();
    let opened = ["Connecting", FOUND[0], FOUND[1], "Connected", "Connected()"];
    run(async {
        for tls in [
            bad.trusted().danger().ignore_all_errors(),
            bad.trusted().danger().query_peer(),
            // Neither asks.
            bad.trusted().ask_errors(true).danger().ignore_all_errors(),
            bad.trusted().ask_errors(true).danger().query_peer(),
            bad.trusted().interrupt_on_error(true).danger().query_peer(),
        ] {
            let mut socket = open(tls.clone(), &bad.front);
            for expected in opened {
                assert_eq!(word(&mut socket).await.unwrap(), expected, "{tls:?}");
            }
            assert_eq!(
                socket.info().tls().cloned().unwrap().ignored_errors().len(),
                2
            );
            socket.send("hello".into()).unwrap();
            assert_eq!(message(&socket).await, "hello".into());
        }
    });
}

#[test]
fn certificates_need_not_be_looked_at() {
    let bad = Bad::new();
    run(async {
        let tls = bad.trusted().ask_errors(true).danger().verify_none();
        let mut socket = open(tls, &bad.front);
        for expected in ["Connecting", "Connected", "Connected()"] {
            assert_eq!(word(&mut socket).await.unwrap(), expected);
        }
        let tls = socket.info().tls().cloned().unwrap();
        assert!(tls.ignored_errors().is_empty());
        assert_eq!(tls.peer_certificates().len(), 1);
    });
}

#[test]
fn a_socket_may_go_while_its_question_is_open() {
    let bad = Bad::new();
    run(async {
        let (mut socket, decision) = bad.ask(bad.trusted()).await;
        socket.abort();
        let end = [
            "AboutToClose()",
            "Unconnected",
            "ReadFinished()",
            "Disconnected()",
        ];
        assert_eq!(rest(&mut socket).await, end);
        let seen = bad.front.saw().await;
        assert!(seen.starts_with("failed "), "{seen}");
        // Too late: neither the old connection nor the next one is concerned.
        decision.answer(AcceptErrors::All);
        assert!(socket.next().await.is_none());
        assert_eq!(socket.state(), State::Unconnected);
        socket.open(url(&bad.front).into()).unwrap();
        assert_eq!(word(&mut socket).await.unwrap(), "Connecting");
        drop(question(&mut socket).await);
        assert_eq!(rest(&mut socket).await, REFUSED);
        assert_eq!(bad.front.saw().await, "accepted");
        bad.refused(&socket).await;

        let (socket, decision) = bad.ask(bad.trusted()).await;
        drop(socket);
        let seen = bad.front.saw().await;
        assert!(seen.starts_with("failed "), "{seen}");
        decision.answer(AcceptErrors::All);
        assert!(bad.front.has_seen().is_empty());
    });
}

/// Another `open` takes the place of a connection that waits for an answer.
#[test]
fn a_socket_may_be_opened_anew_while_its_question_is_open() {
    let bad = Bad::new();
    run(async {
        let (mut socket, decision) = bad.ask(bad.trusted()).await;
        socket.open(url(&bad.front).into()).unwrap();
        decision.answer(AcceptErrors::All);
        let mut told = Vec::new();
        while !told.ends_with(&[ASKED.to_owned()]) {
            told.push(word(&mut socket).await.unwrap());
        }
        let begin = told.iter().position(|word| word == "Connecting").unwrap();
        assert_eq!(told[begin + 1..], [&FOUND[..], &[ASKED]].concat());
        assert_eq!(socket.state(), State::Connecting);
    });
}

/// An https proxy's certificate is asked about like a server's, and the question says whose it is.
#[test]
fn a_proxy_is_asked_about_too() {
    let tinyproxy = Program::tinyproxy(false);
    let pem = Pem::self_signed(params(&["localhost"]));
    let behind = format!("127.0.0.1:{}", tinyproxy.port());
    let proxy = TlsFront::with(shows(&pem), Ending::Told, &behind);
    let server = front(shows(&pem));
    run(async {
        let tls = TlsConfig::new().system_roots(false).ask_errors(true);
        let by = Proxy::https("127.0.0.1", proxy.port());
        let options = Options::new().tls(tls).proxy(by);
        let mut socket = Socket::with_options(options).unwrap();
        socket.open(url(&server).into()).unwrap();
        let mut hosts = Vec::new();
        loop {
            match socket.next().await.unwrap() {
                Event::TlsErrors(decision) => {
                    hosts.push(decision.question().host().to_owned());
                    decision.answer(AcceptErrors::All);
                }
                Event::Connected => break,
                Event::Error(error) => panic!("{error}"),
                _ => {}
            }
        }
        assert_eq!(hosts, ["127.0.0.1", "localhost"]);
        assert_eq!(
            socket.last_error().map(|error| error.kind()),
            None::<ErrorKind>
        );
    });
}
