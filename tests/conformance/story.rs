use std::collections::VecDeque;
use std::fmt::Display;
use std::pin::pin;
use std::time::Duration;

use futures::future::{Either, select};
use qwebsocket::{
    Challenge, Close, Credentials, Decision, ErrorKind, Event, Request, State, TlsError, TlsErrors,
    WebSocket, WebSocketExt,
};
use support::Script;

use super::run::Run;
use super::{Lab, Target, notation};

/// How long an event is waited for.
const PATIENCE: Duration = Duration::from_secs(8);

pub(crate) const OPENED: [&str; 3] = ["Connecting", "Connected", "Connected()"];
pub(crate) const CLOSING: [&str; 2] = ["AboutToClose()", "Closing"];
pub(crate) const ENDED: [&str; 3] = ["Unconnected", "ReadFinished()", "Disconnected()"];

/// A socket and what happens to it.
pub(crate) struct Story<T: Target> {
    pub(crate) lab: Lab<T>,
    pub(crate) socket: T::Socket,
    pub(crate) run: Run<T>,
    /// The sum of `BytesWritten`, which is no part of the events that a case expects.
    pub(crate) written: usize,
    /// The round trips of the pongs.
    pub(crate) elapsed: Vec<Option<Duration>>,
    /// What is answered when somebody asks who we are; then it is refused.
    pub(crate) answers: VecDeque<Credentials>,
    /// What was asked.
    pub(crate) challenges: Vec<Challenge>,
    /// The last question about certificates, to be answered by the case, and that of an interrupted
    /// handshake; a new one refuses the old one.
    pub(crate) tls_errors: Option<Decision<TlsErrors>>,
    pub(crate) interrupted: Option<Decision<TlsError>>,
    /// The last error since the last `Connecting`.
    error: Option<ErrorKind>,
}

impl<T: Target> Story<T> {
    pub(crate) fn new(lab: Lab<T>, socket: T::Socket) -> Story<T> {
        Story {
            run: Run::new(&lab),
            lab,
            socket,
            written: 0,
            elapsed: Vec::new(),
            answers: VecDeque::new(),
            challenges: Vec::new(),
            tls_errors: None,
            interrupted: None,
            error: None,
        }
    }

    /// The request that makes the server follow the script.
    pub(crate) fn request(&self, script: &Script) -> Request {
        Request::new(self.run.url(script, ""))
    }

    pub(crate) fn open(&self, script: &Script) {
        let request = self.request(script);
        self.socket.open(request).expect("the script's URL");
        assert_eq!(self.socket.state(), State::Connecting);
    }

    pub(crate) async fn opened(&mut self) {
        self.opened_after(&[]).await;
    }

    /// The same after these questions, which are answered so.
    pub(crate) async fn opened_after(&mut self, asked: &[&str]) {
        let (connecting, opened) = OPENED.split_at(1);
        self.expect([connecting, asked, opened].concat()).await;
        assert_eq!(self.socket.state(), State::Connected);
        assert!(self.socket.is_valid());
    }

    /// The opening handshake fails, which is the end of it: closing is harmless then.
    pub(crate) async fn fails_to_open(&mut self, kind: ErrorKind) {
        self.fails_to_open_after(&[], kind).await;
    }

    /// The same after these questions.
    pub(crate) async fn fails_to_open_after(&mut self, asked: &[&str], kind: ErrorKind) {
        let error = format!("Error({:?})", self.lab.opening_error(kind));
        self.expect(["Connecting"]).await;
        self.expect(asked).await;
        self.expect([&*error, "Unconnected", "Disconnected()"])
            .await;
        assert!(self.socket.closed().is_none(), "there was nothing to close");
        assert!(!self.socket.error_string().is_empty());
        self.is_over().await;
        self.socket.close(Close::default()).expect("harmless");
        self.is_over().await;
    }

    /// `open` refuses before any I/O, and changes nothing.
    pub(crate) async fn refuses(&mut self, request: impl Into<Request>) {
        let request = request.into();
        let text = format!("{request:?}");
        let error = self.socket.open(request).expect_err(&text);
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{text}");
        assert!(!error.to_string().is_empty());
        self.is_over().await;
    }

    /// Sends a text message.
    pub(crate) fn send(&self, text: &str) {
        let sent = self.socket.send_text_message(text);
        assert_eq!(sent.expect("connected"), text.len());
    }

    /// Sends a binary message.
    pub(crate) fn send_binary(&self, data: &[u8]) {
        let sent = self.socket.send_binary_message(data);
        assert_eq!(sent.expect("connected"), data.len());
    }

    /// Closes, with a peer that answers: code 1000, no reason.
    pub(crate) async fn closes(&mut self) {
        self.begin_close(Close::default());
        self.expect(CLOSING).await;
        self.ends(1000, "").await;
    }

    /// Calls `close`.
    pub(crate) fn begin_close(&self, close: Close) {
        self.socket.close(close.clone()).expect("a sendable code");
        assert_eq!(self.socket.state(), State::Closing);
        assert!(!self.socket.is_valid());
        assert_eq!(self.socket.closed(), Some(close));
    }

    /// The connection comes to its end, which `closed` tells like this.
    pub(crate) async fn ends(&mut self, code: u16, reason: &str) {
        self.expect(ENDED).await;
        assert_eq!(self.socket.closed(), Some(Close::new(code, reason)));
        self.is_over().await;
    }

    /// The next events are these, and nothing else is between them.
    pub(crate) async fn expect<E: Display>(&mut self, expected: impl IntoIterator<Item = E>) {
        let expected = expected.into_iter().map(|event| event.to_string());
        let expected: Vec<_> = self.lab.visible(expected).collect();
        let mut told = Vec::new();
        while told.len() < expected.len() {
            match self.next(PATIENCE).await {
                Some(Some(event)) => told.push(event),
                Some(None) => told.push("the end".to_owned()),
                None => told.push(format!("nothing for {PATIENCE:?}")),
            }
            if !expected.starts_with(&told) {
                break;
            }
        }
        assert_eq!(told, expected, "events");
    }

    /// No event comes for so long.
    pub(crate) async fn quiet(&mut self, ms: u64) {
        let end = T::now() + Duration::from_millis(ms);
        if let Some(event) = self.next(end.saturating_sub(T::now())).await {
            panic!("{event:?} while all should be quiet");
        }
    }

    /// The next event.
    pub(crate) async fn first(&mut self) -> String {
        let next = self.next(PATIENCE).await;
        next.flatten().expect("an event")
    }

    /// All events up to the end of the stream.
    pub(crate) async fn rest(&mut self) -> Vec<String> {
        let mut told = Vec::new();
        while let Some(Some(event)) = self.next(PATIENCE).await {
            told.push(event);
        }
        told
    }

    /// Drops the socket.
    pub(crate) fn into_run(self) -> Run<T> {
        self.run
    }

    /// The stream of events has ended and the getters agree.
    pub(crate) async fn is_over(&mut self) {
        let next = self.next(PATIENCE).await;
        assert_eq!(next, Some(None), "the end of the events");
        assert_eq!(self.socket.state(), State::Unconnected);
        assert!(!self.socket.is_valid());
        assert_eq!(self.socket.bytes_to_write(), 0);
        let error = self.socket.last_error().map(|error| error.kind());
        assert_eq!(error, self.error, "last_error() and the last Error event");
    }

    /// The next event, if one comes in time: in words, or none at the end of the stream.
    async fn next(&mut self, patience: Duration) -> Option<Option<String>> {
        let mut limit = pin!(T::sleep(patience));
        loop {
            let next = self.socket.next_event();
            let event = match select(next, limit.as_mut()).await {
                Either::Left((event, _)) => event,
                Either::Right(_) => return None,
            };
            match &event {
                Some(Event::BytesWritten(bytes)) => {
                    self.written += bytes;
                    continue;
                }
                Some(Event::Pong { elapsed, .. }) => self.elapsed.push(*elapsed),
                Some(Event::Authenticate(decision) | Event::ProxyAuthenticate(decision)) => {
                    self.challenges.push(decision.question().clone());
                    if let Some(answer) = self.answers.pop_front() {
                        decision.clone().answer(answer);
                    }
                }
                Some(Event::TlsErrors(decision)) => self.tls_errors = Some(decision.clone()),
                Some(Event::HandshakeInterrupted(decision)) => {
                    self.interrupted = Some(decision.clone());
                }
                Some(Event::Error(error)) => {
                    support::assert_said_once(error);
                    self.error = Some(error.kind());
                }
                Some(Event::StateChanged(State::Connecting)) => self.error = None,
                _ => {}
            }
            return Some(event.as_ref().map(notation::event));
        }
    }
}
