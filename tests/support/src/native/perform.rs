//! Performs the steps of a script.

use std::ops::ControlFlow::{self, Break, Continue};
use std::time::Instant;

use crate::frame::{Frame, opcode};
use crate::native::connection::{Connection, Gone};
use crate::native::socks5::socks5;
use crate::native::wire::WireFrame;
use crate::record::Entry;
use crate::step::{SlowRead, Step};

/// Performs all steps, then hangs up. `key` is the `Sec-WebSocket-Key` of the request, if it was read.
pub(crate) fn perform(connection: &mut Connection, steps: &[Step], key: &str) {
    if perform_all(connection, steps, key).is_continue() {
        connection.finish();
    }
}

/// Performs all steps, after which others may follow.
pub(crate) fn perform_all(
    connection: &mut Connection,
    steps: &[Step],
    key: &str,
) -> ControlFlow<()> {
    let mut key = key.to_owned();
    for step in steps {
        if connection.is_over() {
            return Break(());
        }
        perform_step(connection, step, &mut key)?;
    }
    Continue(())
}

fn perform_step(connection: &mut Connection, step: &Step, key: &mut String) -> ControlFlow<()> {
    match step {
        Step::Accept(accept) => return write(connection, &accept.response(key)),
        Step::Request => return request(connection, key),
        Step::Serve { ms } => return serve(connection, connection.limit(*ms)),
        Step::Drain { ms } => connection.drain(connection.limit(Some(*ms))),
        Step::Frames(frames) => {
            let bytes: Vec<u8> = frames.iter().flat_map(Frame::encode).collect();
            return write(connection, &bytes);
        }
        Step::ReadFrames { count, ms } => {
            let until = connection.limit(Some(*ms));
            for _ in 0..*count {
                if connection.read_frame(until).is_none() {
                    break;
                }
            }
        }
        Step::ReadUntil { opcode, ms } => {
            let until = connection.limit(Some(*ms));
            while let Some(frame) = connection.read_frame(until) {
                if frame.opcode == *opcode {
                    break;
                }
            }
        }
        Step::Send(payload) => return write(connection, &payload.to_bytes()),
        Step::Pace(pace) => connection.set_pace(*pace),
        Step::Sleep { ms } => connection.sleep(*ms),
        Step::SlowRead(read) => slow_read(connection, read),
        Step::ReceiveBuffer { bytes } => connection.set_receive_buffer(*bytes),
        Step::HalfClose => connection.half_close(),
        Step::Fin => {
            connection.finish();
            return Break(());
        }
        Step::Socks5(proxy) => return socks5(connection, proxy),
        Step::Rst => {
            connection.reset();
            return Break(());
        }
    }
    Continue(())
}

fn write(connection: &mut Connection, bytes: &[u8]) -> ControlFlow<()> {
    match connection.write(bytes) {
        Ok(()) => Continue(()),
        Err(Gone) => Break(()),
    }
}

fn request(connection: &mut Connection, key: &mut String) -> ControlFlow<()> {
    let Some(head) = connection.read_head() else {
        return Break(());
    };
    *key = head.key().unwrap_or_default().to_owned();
    connection.record(Entry::Request { lines: head.lines });
    Continue(())
}

fn serve(connection: &mut Connection, until: Instant) -> ControlFlow<()> {
    while let Some(frame) = connection.read_frame(until) {
        if let Some(answer) = answer(&frame) {
            write(connection, &answer.encode())?;
        }
        if frame.opcode == opcode::CLOSE {
            break;
        }
    }
    Continue(())
}

fn answer(frame: &WireFrame) -> Option<Frame> {
    let payload = frame.payload.as_slice();
    match frame.opcode {
        opcode::CONTINUATION | opcode::TEXT | opcode::BINARY => {
            let echo = Frame::new(frame.opcode, payload);
            Some(match frame.fin {
                true => echo,
                false => echo.not_final(),
            })
        }
        opcode::PING => Some(Frame::pong(payload)),
        opcode::CLOSE => {
            let code = payload.get(..2).unwrap_or_default();
            Some(Frame::new(opcode::CLOSE, code))
        }
        _ => None,
    }
}

fn slow_read(connection: &mut Connection, read: &SlowRead) {
    let until = connection.limit(Some(read.ms));
    let mut left = read.total.unwrap_or(u64::MAX);
    while left > 0 {
        let max = usize::try_from(left).unwrap_or(usize::MAX).min(read.chunk);
        match connection.read_some(until, max) {
            0 => return,
            count => left -= count as u64,
        }
        if read.gap > 0 {
            connection.sleep(read.gap);
        }
    }
}
