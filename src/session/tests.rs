use super::*;

/// The session's events so far, in words.
fn told(session: &mut Session) -> Vec<String> {
    std::iter::from_fn(|| session.next_event())
        .map(|event| match event {
            Event::StateChanged(state) => format!("{state:?}"),
            Event::Error(error) => format!("Error({:?})", error.kind()),
            Event::Message(message) => format!("Message({})", message.as_text().unwrap()),
            other => format!("{other:?}"),
        })
        .collect()
}

fn connected() -> Session {
    let mut session = Session::default();
    session.open();
    session.connected();
    told(&mut session);
    session
}

fn error(kind: ErrorKind) -> Error {
    Error::new(kind, "")
}

const END: [&str; 3] = ["Unconnected", "ReadFinished", "Disconnected"];

fn with_end(first: &[&str]) -> Vec<String> {
    first.iter().chain(&END).map(|s| s.to_string()).collect()
}

#[test]
fn open_tells_connecting() {
    let mut session = Session::default();
    session.open();
    assert_eq!(session.state(), State::Connecting);
    assert_eq!(told(&mut session), ["Connecting"]);
}

#[test]
fn success_tells_the_state_before_the_signal() {
    let mut session = Session::default();
    session.open();
    session.connected();
    session.message("early".into());
    assert_eq!(
        told(&mut session),
        ["Connecting", "Connected", "Connected", "Message(early)"]
    );
}

#[test]
fn a_failure_before_connected_ends_unconnected() {
    let mut session = Session::default();
    session.open();
    told(&mut session);
    session.failed(error(ErrorKind::HostNotFound));
    assert_eq!(
        told(&mut session),
        ["Error(HostNotFound)", "Unconnected", "Disconnected"]
    );
    assert_eq!(session.error().unwrap().kind(), ErrorKind::HostNotFound);
}

#[test]
fn own_close_announces_itself_once_and_leaves_room_for_last_words() {
    let mut session = connected();
    assert!(session.begin_close(Close::new(1001, "bye")));
    assert!(!session.begin_close(Close::default()));
    assert_eq!(session.state(), State::Closing);
    assert!(session.check_sendable().is_err());
    assert!(!session.take_due_close());

    assert!(matches!(session.next_event(), Some(Event::AboutToClose)));
    assert!(session.check_sendable().is_ok());
    assert!(!session.take_due_close());

    assert_eq!(told(&mut session), ["Closing"]);
    assert!(session.check_sendable().is_err());
    assert!(session.take_due_close());
    assert!(!session.take_due_close());

    // A server may answer with the code alone.
    assert!(!session.peer_closed(Some(Close::new(1001, ""))));
    session.finished();
    assert_eq!(told(&mut session), END);
    assert_eq!(session.closed(), Some(&Close::new(1001, "bye")));
}

#[test]
fn who_flushes_or_goes_has_no_last_words() {
    let mut session = connected();
    session.begin_close(Close::default());
    session.make_close_due();
    assert!(session.take_due_close());
    assert_eq!(told(&mut session), ["AboutToClose", "Closing"]);
    assert!(!session.take_due_close());
}

#[test]
fn the_peers_close_announces_closing_before_the_echo() {
    let mut session = connected();
    assert!(session.peer_closed(None));
    assert_eq!(told(&mut session), ["AboutToClose", "Closing"]);
    assert!(session.take_due_close());
    session.finished();
    assert_eq!(told(&mut session), END);
    assert_eq!(session.closed().unwrap().code(), CloseCode::NO_STATUS);
}

#[test]
fn a_violation_is_an_error_and_then_a_close() {
    let mut session = connected();
    let close = Close::new(CloseCode::PROTOCOL, "reserved bit");
    assert!(session.violated(error(ErrorKind::Protocol), close.clone()));
    session.finished();
    assert_eq!(
        told(&mut session),
        with_end(&["Error(Protocol)", "AboutToClose", "Closing"])
    );
    assert_eq!(session.closed(), Some(&close));
}

#[test]
fn a_violation_after_our_close_owes_no_second_close_frame() {
    let mut session = connected();
    session.begin_close(Close::default());
    told(&mut session);
    assert!(!session.violated(error(ErrorKind::Protocol), CloseCode::PROTOCOL.into()));
    assert_eq!(told(&mut session), ["Error(Protocol)"]);
}

#[test]
fn a_lost_connection_is_1006() {
    let mut session = connected();
    session.lost(remote_closed());
    assert_eq!(told(&mut session), with_end(&["Error(RemoteClosed)"]));
    assert_eq!(session.closed().unwrap().code(), CloseCode::ABNORMAL);
}

#[test]
fn abort_tells_and_a_second_one_is_silent() {
    let mut session = connected();
    assert!(session.abort());
    assert!(!session.abort());
    assert_eq!(told(&mut session), with_end(&["AboutToClose"]));
    assert_eq!(session.closed().unwrap().code(), CloseCode::ABNORMAL);
}

#[test]
fn abort_while_closing_does_not_announce_again() {
    let mut session = connected();
    session.begin_close(Close::default());
    session.abort();
    assert_eq!(told(&mut session), with_end(&["AboutToClose", "Closing"]));
}

#[test]
fn abort_while_connecting() {
    let mut session = Session::default();
    session.open();
    told(&mut session);
    session.abort();
    assert_eq!(told(&mut session), with_end(&["AboutToClose"]));
}

#[test]
fn open_forgets_the_last_connection_but_not_its_events() {
    let mut session = connected();
    session.lost(remote_closed());
    session.open();
    assert!(session.error().is_none());
    assert!(session.closed().is_none());
    let mut expected = with_end(&["Error(RemoteClosed)"]);
    expected.push("Connecting".into());
    assert_eq!(told(&mut session), expected);
}

#[test]
fn pongs_are_paired_by_payload_oldest_first() {
    let ms = Duration::from_millis;
    let mut session = connected();
    session.ping("1".into(), ms(0));
    session.ping("2".into(), ms(100));
    session.ping("1".into(), ms(200));
    for (payload, now) in [("2", 300), ("1", 310), ("1", 320), ("1", 330)] {
        session.pong(payload.into(), ms(now));
    }
    let times: Vec<_> = std::iter::from_fn(|| session.next_event())
        .map(|event| match event {
            Event::Pong { elapsed, .. } => elapsed.map(|e| e.as_millis()),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(times, [Some(200), Some(310), Some(120), None]);
}

#[test]
fn unanswered_pings_are_bounded() {
    let mut session = connected();
    for n in 0..MAX_PINGS + 10 {
        session.ping(n.to_string().into(), Duration::ZERO);
    }
    assert_eq!(session.pings.len(), MAX_PINGS);
}

#[test]
fn bytes_written_are_added_up_until_taken() {
    let mut session = connected();
    session.bytes_written(0);
    session.bytes_written(5);
    session.bytes_written(6);
    assert_eq!(told(&mut session), ["BytesWritten(11)"]);
}

#[test]
fn waiting_counts_messages_that_were_not_taken() {
    let mut session = connected();
    session.message("12345".into());
    session.message("678".into());
    assert_eq!(session.waiting(), 8);
    session.next_event();
    assert_eq!(session.waiting(), 3);
}

#[test]
fn nothing_is_sendable_without_a_connection() {
    let mut session = Session::default();
    assert!(session.check_sendable().is_err());
    assert!(!session.begin_close(Close::default()));
    session.open();
    assert!(session.check_sendable().is_err());
    session.connected();
    assert!(session.check_sendable().is_ok());
}

#[test]
fn the_peers_own_close_frame_is_kept_apart_from_ours() {
    let mut session = connected();
    session.begin_close(Close::new(4000, "ours"));
    assert_eq!(session.peer_close(), None);
    session.peer_closed(Some(Close::new(4001, "theirs")));
    session.finished();
    assert_eq!(session.closed(), Some(&Close::new(4000, "ours")));
    assert_eq!(session.peer_close(), Some(&Close::new(4001, "theirs")));
    session.open();
    assert_eq!(session.peer_close(), None);

    let mut session = connected();
    session.peer_closed(None);
    assert_eq!(session.peer_close(), Some(&CloseCode::NO_STATUS.into()));
}

/// Nobody waits for an answer any more; what else was told stays.
#[test]
fn questions_are_withdrawn_and_nothing_else() {
    let mut session = Session::default();
    session.open();
    let (decision, _answer) = crate::decision::Decision::new(crate::auth::Challenge {
        scheme: crate::auth::AuthScheme::Basic,
        host: "a".into(),
        realm: "b".into(),
        tried: None,
    });
    session.bytes_written(7);
    session.tell([Event::Authenticate(decision)]);
    session.withdraw_questions();
    session.abort();
    let mut expected = vec!["Connecting", "BytesWritten(7)", "AboutToClose"];
    expected.extend(END);
    assert_eq!(told(&mut session), expected);
}
