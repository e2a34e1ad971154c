//! How things cross as numbers and texts.

use std::time::Duration;

use crate::backend::web::raw_socket::TimerKind;
use crate::event::{Event, State};
use crate::grammar::split_before;
use crate::request::Request;

/// In `lines` are the URL, so many subprotocols, the origin if it has one, and names and values of
/// headers.
pub(crate) fn request(mut lines: &str, subprotocols: u32, has_origin: bool) -> Request {
    let mut request = Request::new(line(&mut lines));
    for _ in 0..subprotocols {
        request = request.subprotocol(line(&mut lines));
    }
    if has_origin {
        request = request.origin(line(&mut lines));
    }
    while !lines.is_empty() {
        request = request.header(line(&mut lines), line(&mut lines));
    }
    request
}

/// Takes the first of some lines.
fn line<'a>(rest: &mut &'a str) -> &'a str {
    let (line, behind) = split_before(rest, |b| b == b'\n');
    *rest = behind.strip_prefix('\n').unwrap_or_default();
    line
}

/// The number of an event, plus 32 times its value.
pub(crate) fn number(event: &Event) -> f64 {
    let (what, carries) = match event {
        Event::StateChanged(now) => (1, state_number(*now) as usize),
        Event::Connected => (2, 0),
        Event::AboutToClose => (3, 0),
        Event::Disconnected => (4, 0),
        Event::ReadFinished => (5, 0),
        Event::Message(_) => (6, 0),
        Event::BytesWritten(bytes) => (7, *bytes),
        Event::Error(_) => (8, 0),
        // Microseconds, and one more, since 0 is an answer to no ping.
        Event::Pong { elapsed, .. } => (9, elapsed.map_or(0, |e| e.as_micros() as usize + 1)),
        // No browser reveals more.
        _ => (0, 0),
    };
    (what + 32 * carries) as f64
}

pub(crate) fn state_number(state: State) -> u32 {
    match state {
        State::Unconnected => 0,
        State::Connecting => 1,
        State::Connected => 2,
        State::Closing => 3,
    }
}

/// Infinity is none.
pub(crate) fn bound(bytes: f64) -> Option<usize> {
    bytes.is_finite().then_some(bytes as usize)
}

/// The alarm that is `number` as a number.
pub(crate) fn timer(number: i32) -> TimerKind {
    match number {
        0 => TimerKind::Open,
        1 => TimerKind::Failing,
        2 => TimerKind::Close,
        3 => TimerKind::Grace,
        4 => TimerKind::Drain,
        _ => TimerKind::KeepAlive,
    }
}

/// Infinity is none.
pub(crate) fn time(ms: f64) -> Option<Duration> {
    ms.is_finite().then_some(Duration::from_millis(ms as u64))
}
