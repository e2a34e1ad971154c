use std::fmt;
use std::str::FromStr;

use crate::accept::Accept;
use crate::escape;
use crate::frame::Frame;
use crate::parse_error::ParseError;
use crate::payload::Payload;
use crate::socks5::Socks5;
use crate::step::{Pace, SlowRead, Step};

/// What the server shall do, connection by connection.
///
/// ```
/// use support::{Accept, Frame, Script};
///
/// let script = Script::new().accept().text("hi").serve();
/// assert_eq!(script.to_string(), "accept;frame,op=1,data=text:hi;serve");
/// assert_eq!(
///     script.url("ws://127.0.0.1:8080", "case-1", "/chat?x=1"),
///     "ws://127.0.0.1:8080/run/case-1/chat?do=accept;frame,op=1,data=text:hi;serve&x=1",
/// );
///
/// Script::new()
///     .accept_with(Accept::new().protocol("chat2"))
///     .burst([Frame::text("a").not_final(), Frame::continuation("b")])
///     .close(1000, "bye")
///     .drain(500);
///
/// // The first connection is refused, the second one echoes.
/// Script::new()
///     .raw("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
///     .next_connection()
///     .accept()
///     .serve();
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Script(Vec<Vec<Step>>);

impl Default for Script {
    fn default() -> Self {
        Self(vec![Vec::new()])
    }
}

impl Script {
    /// A script without steps: reads the request and ends the connection.
    pub fn new() -> Self {
        Self::default()
    }

    /// What the server does without a script: accepts and echoes.
    pub fn echo() -> Self {
        Self::new().accept().serve()
    }

    /// Adds a step to the current connection's script.
    pub fn step(mut self, step: Step) -> Self {
        self.0
            .last_mut()
            .expect("there is always a connection")
            .push(step);
        self
    }

    /// Begins the script of the next connection with the same id.
    pub fn next_connection(mut self) -> Self {
        self.0.push(Vec::new());
        self
    }

    /// Answers the opening handshake correctly.
    pub fn accept(self) -> Self {
        self.accept_with(Accept::new())
    }

    /// Answers the opening handshake.
    pub fn accept_with(self, accept: Accept) -> Self {
        self.step(Step::Accept(accept))
    }

    /// Reads one more request head; the first one is always read.
    pub fn request(self) -> Self {
        self.step(Step::Request)
    }

    /// Echoes data frames and answers pings, until it has answered a close frame (with its code).
    pub fn serve(self) -> Self {
        self.step(Step::Serve { ms: None })
    }

    /// The same for so many ms at most.
    pub fn serve_for(self, ms: u64) -> Self {
        self.step(Step::Serve { ms: Some(ms) })
    }

    /// Reads for so many ms, or until the client hangs up, and answers nothing.
    pub fn drain(self, ms: u64) -> Self {
        self.step(Step::Drain { ms })
    }

    /// Writes a frame.
    pub fn frame(self, frame: Frame) -> Self {
        self.burst([frame])
    }

    /// Writes several frames at once.
    pub fn burst(self, frames: impl IntoIterator<Item = Frame>) -> Self {
        self.step(Step::Frames(frames.into_iter().collect()))
    }

    /// Writes a text message.
    pub fn text(self, payload: impl Into<Payload>) -> Self {
        self.frame(Frame::text(payload))
    }

    /// Writes a binary message.
    pub fn binary(self, payload: impl Into<Payload>) -> Self {
        self.frame(Frame::binary(payload))
    }

    /// Writes a ping.
    pub fn ping(self, payload: impl Into<Payload>) -> Self {
        self.frame(Frame::ping(payload))
    }

    /// Writes a pong.
    pub fn pong(self, payload: impl Into<Payload>) -> Self {
        self.frame(Frame::pong(payload))
    }

    /// Writes a close frame.
    pub fn close(self, code: u16, reason: impl Into<Payload>) -> Self {
        self.frame(Frame::close(code, reason))
    }

    /// Writes raw bytes.
    pub fn raw(self, bytes: impl Into<Payload>) -> Self {
        self.step(Step::Send(bytes.into()))
    }

    /// Lets every later write, up to [`at_once`](Self::at_once), go out in chunks of so many
    /// bytes with pauses of `gap` ms.
    pub fn pace(self, chunk: usize, gap: u64) -> Self {
        let chunk = chunk.max(1);
        self.step(Step::Pace(Some(Pace { chunk, gap })))
    }

    /// Ends [`pace`](Self::pace).
    pub fn at_once(self) -> Self {
        self.step(Step::Pace(None))
    }

    /// Reads so many frames, for `ms` at most.
    pub fn frames(self, count: u64, ms: u64) -> Self {
        self.step(Step::ReadFrames { count, ms })
    }

    /// Reads frames up to one with this opcode, for `ms` at most.
    pub fn frames_until(self, opcode: u8, ms: u64) -> Self {
        self.step(Step::ReadUntil { opcode, ms })
    }

    /// Neither reads nor writes for so many ms.
    pub fn sleep(self, ms: u64) -> Self {
        self.step(Step::Sleep { ms })
    }

    /// Reads with pauses.
    pub fn slow_read(self, read: SlowRead) -> Self {
        self.step(Step::SlowRead(read))
    }

    /// Sets the size of the socket's receive buffer, so that a client soon has to wait.
    pub fn receive_buffer(self, bytes: u32) -> Self {
        self.step(Step::ReceiveBuffer { bytes })
    }

    /// Answers as a SOCKS5 proxy.
    pub fn socks5(self, socks5: Socks5) -> Self {
        self.step(Step::Socks5(socks5))
    }

    /// Shuts down the sending side and goes on.
    pub fn half_close(self) -> Self {
        self.step(Step::HalfClose)
    }

    /// Shuts down the sending side, reads what still comes for 2 s at most, and ends.
    pub fn fin(self) -> Self {
        self.step(Step::Fin)
    }

    /// Resets the connection.
    pub fn rst(self) -> Self {
        self.step(Step::Rst)
    }

    /// The steps of one connection, counted from 1; the last script serves all later ones.
    pub fn connection(&self, number: usize) -> &[Step] {
        let last = self.0.len() - 1;
        &self.0[number.saturating_sub(1).min(last)]
    }

    /// The URL that makes the server at `base` (`ws://127.0.0.1:8080`) follow this script.
    ///
    /// `id` names the run and must be new (letters, digits, `-`, `_`, `.`); `target` is the rest of the path and the query
    /// (`/any/path?x=1`), or empty.
    pub fn url(&self, base: &str, id: &str, target: &str) -> String {
        let (path, query) = match target.split_once('?') {
            Some((path, query)) => (path, format!("&{query}")),
            None => (target, String::new()),
        };
        let script = escape::query(&self.to_string());
        format!("{base}/run/{id}{path}?do={script}{query}")
    }

    /// The URL under which the server tells a port of its own for this script, for connections
    /// that do not bring one. The steps begin at once: the first request is read by
    /// [`request`](Self::request) as well.
    pub fn port_url(&self, base: &str, id: &str) -> String {
        format!("{base}/port/{id}?do={}", escape::query(&self.to_string()))
    }
}

impl fmt::Display for Script {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, steps) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str("|")?;
            }
            for (index, step) in steps.iter().enumerate() {
                if index > 0 {
                    f.write_str(";")?;
                }
                step.fmt(f)?;
            }
        }
        Ok(())
    }
}

impl FromStr for Script {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        let connection = |steps: &str| {
            let steps = steps.split(';').filter(|step| !step.trim().is_empty());
            steps.map(str::parse).collect::<Result<Vec<Step>, _>>()
        };
        let connections = text.split('|').map(connection);
        Ok(Self(connections.collect::<Result<_, _>>()?))
    }
}
