//! What a browser cannot see or does otherwise, as the docs have it under "Platform-specific".
//!
//! Nothing here asks for the target, only for features: who cannot set [headers](Features::HEADERS)
//! does not make the opening handshake itself, and who cannot tell [frames](Features::FRAMES)
//! leaves the protocol to somebody else.

use std::ops::Range;
use std::time::Duration;

use qwebsocket::{Close, CloseCode, ErrorKind, Features, WebSocket};
use support::Script;

use super::story::{CLOSING, ENDED, Story};
use super::{Lab, Target};

impl<T: Target> Lab<T> {
    /// Whether the opening handshake, with the answer in all its parts, is ours.
    pub(crate) fn shakes_hands(&self) -> bool {
        self.can(Features::HEADERS)
    }

    /// Whether the protocol, with all its frames, is ours.
    pub(crate) fn speaks_the_protocol(&self) -> bool {
        self.can(Features::FRAMES)
    }

    /// Whether we end TCP by ourselves after the closing handshake. A browser leaves that to the
    /// server (RFC 6455 §7.1.1), whose script may run out of time over it.
    pub(crate) fn ends_tcp(&self) -> bool {
        self.speaks_the_protocol()
    }

    /// The kind of an error before `Connected`: a browser does not tell more than that there is
    /// no connection, and knows of our own time limit.
    pub(crate) fn opening_error(&self, kind: ErrorKind) -> ErrorKind {
        match kind {
            kind if self.shakes_hands() => kind,
            ErrorKind::TimedOut => ErrorKind::TimedOut,
            _ => ErrorKind::Connection,
        }
    }

    /// The kind of an error of `ping`, which a browser does not have.
    pub(crate) fn ping_error(&self, kind: ErrorKind) -> ErrorKind {
        if self.can(Features::PING) {
            kind
        } else {
            ErrorKind::Unsupported(Features::PING)
        }
    }

    /// The events that can be seen at all.
    pub(crate) fn visible(
        &self,
        events: impl Iterator<Item = String>,
    ) -> impl Iterator<Item = String> {
        let hides = |feature, prefixes: &'static [&str]| {
            let hidden = !self.can(feature);
            move |event: &String| hidden && prefixes.iter().any(|p| event.starts_with(p))
        };
        let hides_frame = hides(Features::FRAMES, &["TextFrame(", "BinaryFrame("]);
        let hides_pong = hides(Features::PING, &["Pong("]);
        let hides_error = hides(Features::TLS_ERRORS, &["PeerVerifyError("]);
        let hides_alert = hides(Features::TLS_ALERTS, &["AlertSent(", "AlertReceived("]);
        events.filter(move |event| {
            !hides_frame(event) && !hides_pong(event) && !hides_error(event) && !hides_alert(event)
        })
    }

    /// Messages that arrive between our close frame and the peer's: a browser drops them.
    pub(crate) fn while_closing<'a>(&self, messages: &'a [&'a str]) -> &'a [&'a str] {
        if self.speaks_the_protocol() {
            messages
        } else {
            &[]
        }
    }

    /// What the server sees of a connection that is left: the socket is dropped or opened anew.
    pub(crate) fn leaving(&self) -> [&'static str; 2] {
        if self.can(Features::CLOSE_CODES) {
            ["Close(1001, Connection closed)", "eof"]
        } else {
            ["Close(1000, Connection closed)", "eof"]
        }
    }

    /// What the server sees of `abort` on a connection: a browser cannot but close it.
    pub(crate) fn aborting(&self) -> &'static [&'static str] {
        if self.speaks_the_protocol() {
            &["eof"]
        } else {
            &["Close()", "eof"]
        }
    }

    /// The code for a message over the limit.
    pub(crate) fn too_large(&self) -> u16 {
        if self.can(Features::CLOSE_CODES) {
            1009
        } else {
            4009
        }
    }

    /// The bytes that frames with these payloads take, as the platform counts them: with headers
    /// and masks, where it makes them.
    pub(crate) fn on_the_wire(&self, payloads: &[usize]) -> usize {
        let header = |length: &usize| match length {
            _ if !self.speaks_the_protocol() => 0,
            0..=125 => 2 + 4,
            126..=0xffff => 2 + 2 + 4,
            _ => 2 + 8 + 4,
        };
        payloads.iter().map(|length| header(length) + length).sum()
    }

    /// A code that may be sent, instead of one that the platform refuses.
    pub(crate) fn close_code(&self, code: CloseCode, substitute: u16) -> CloseCode {
        if self.can(Features::CLOSE_CODES) {
            code
        } else {
            substitute.into()
        }
    }
}

impl<T: Target> Story<T> {
    /// The peer breaks a rule that concerns the protocol: it is told so with this code and a
    /// reason that has this word in it, and the connection ends.
    ///
    /// A browser does the same by itself, and we only learn that the connection is gone.
    pub(crate) async fn tells_off(&mut self, code: u16, word: &str) {
        if !self.lab.speaks_the_protocol() {
            self.loses().await;
            let log = self.run.log(1).await;
            let frames = log.frames(1);
            let codes: Vec<_> = frames.iter().map(|frame| frame.close_code()).collect();
            let told = [code, 1002].map(Some);
            assert!(codes.iter().all(|code| told.contains(code)), "{log}");
            assert!(codes.len() <= 1 && log.hung_up(1), "{log}");
            return;
        }
        let kind = if code == 1009 {
            ErrorKind::TooLarge
        } else {
            ErrorKind::Protocol
        };
        self.refuses_message(kind, code, word).await;
    }

    /// The peer's close frame breaks a rule: as [`tells_off`](Self::tells_off) with 1002. Some
    /// browsers take this one or that one, as if its code were `taken`.
    pub(crate) async fn tells_off_close(&mut self, word: &str, taken: u16) {
        if self.lab.speaks_the_protocol() {
            return self.tells_off(1002, word).await;
        }
        let told = self.rest().await;
        let code = self.socket.close_code().map(u16::from);
        if told == [&CLOSING[..], &ENDED].concat() {
            assert_eq!(code, Some(taken));
        } else {
            assert_eq!(told, [&["Error(RemoteClosed)"], &ENDED[..]].concat());
            assert_eq!(code, Some(1006));
        }
    }

    /// The peer breaks a rule that we keep on every platform.
    pub(crate) async fn refuses_message(&mut self, kind: ErrorKind, code: u16, word: &str) {
        self.expect([format!("Error({kind:?})")]).await;
        self.expect(CLOSING).await;
        let closed = self.socket.closed().expect("our own close");
        assert!(closed.reason().contains(word), "{closed:?}: {word}");
        assert!(!closed.reason().is_empty());
        self.ends(code, closed.reason()).await;
        let close = format!("Close({code}, {})", closed.reason());
        self.run.saw([&*close, "eof"]).await;
    }

    /// The peer closes like this; false when a browser took what was under way for a failure.
    pub(crate) async fn is_closed(&mut self, code: u16, reason: &str) -> bool {
        let first = self.first().await;
        if first == "Error(RemoteClosed)" && !self.lab.speaks_the_protocol() {
            self.ends(1006, "").await;
            return false;
        }
        assert_eq!(first, CLOSING[0]);
        self.expect([CLOSING[1]]).await;
        self.ends(code, reason).await;
        true
    }

    /// The connection is lost without a closing handshake.
    pub(crate) async fn loses(&mut self) {
        self.expect(["Error(RemoteClosed)"]).await;
        self.ends(1006, "").await;
    }

    /// The connection is lost after our close frame. A browser tells only that the closing
    /// handshake is over.
    pub(crate) async fn loses_while_closing(&mut self, close: Close) {
        if self.lab.speaks_the_protocol() {
            self.loses().await;
        } else {
            self.ends(close.code().get(), close.reason()).await;
        }
    }

    /// The opening handshake works here, while browsers differ.
    pub(crate) async fn opens_or_fails(&mut self) -> bool {
        if self.lab.shakes_hands() {
            self.opened().await;
            return true;
        }
        self.expect(["Connecting"]).await;
        let first = self.first().await;
        if first == "Connected" {
            self.expect(["Connected()"]).await;
            return true;
        }
        assert_eq!(first, "Error(Connection)");
        self.expect(["Unconnected", "Disconnected()"]).await;
        self.is_over().await;
        false
    }

    /// After `close`, with these messages under way: they come behind `Closing`, and from a browser
    /// in front of `AboutToClose`, as far as it had told them by then.
    pub(crate) async fn closes_with_late(&mut self, messages: &[&str]) {
        if self.lab.speaks_the_protocol() {
            self.expect(CLOSING).await;
            self.expect(messages).await;
            return self.expect(ENDED).await;
        }
        let told = self.rest().await;
        let (late, others): (Vec<_>, Vec<_>) = told
            .into_iter()
            .partition(|event| event.starts_with("Text("));
        assert_eq!(others, [&CLOSING[..], &ENDED].concat());
        assert_eq!(late, messages[..late.len().min(messages.len())]);
    }

    /// The peer breaks a rule with this message: as [`tells_off`](Self::tells_off) with 1002. Some
    /// browsers take it.
    pub(crate) async fn tells_off_message(&mut self, word: &str, message: &str) {
        if self.lab.speaks_the_protocol() {
            return self.tells_off(1002, word).await;
        }
        let first = self.first().await;
        if first == message {
            self.begin_close(Close::default());
            return self.expect(CLOSING).await;
        }
        assert_eq!(first, "Error(RemoteClosed)");
        self.ends(1006, "").await;
    }
}

/// A server that accepts, and that a client has noticed before what follows: Firefox does not tell
/// that a connection opened which is lost right away.
pub(crate) fn accepted() -> Script {
    Script::new().accept().sleep(60)
}

/// A time limit with room for a busy machine.
pub(crate) fn about(limit: Duration) -> Range<Duration> {
    // Timers of browsers are rounded.
    limit - Duration::from_millis(5)..limit + Duration::from_secs(2)
}
