//! The server of all measurements of clients, as plain as can be, so that it is never the slower side: one
//! blocking thread for each connection, and one write for all that a read brought.
//!
//! The path says what it does:
//!
//! - `/echo` answers each message, with one frame;
//! - `/push?<kind>&<size>&<count>` sends that many messages when it was sent one;
//! - `/discard?<count>` drops that many messages, then sends one.

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::os::fd::{AsFd, AsRawFd};
use std::thread;

use anyhow::{Context, Result, bail, ensure};
use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::socket::{MsgFlags, send};

use crate::opening;
use crate::payload::{Kind, Payload, write_header};

const READ: usize = 256 * 1024;

/// Enough for a connection; there are thousands.
const STACK: usize = 64 * 1024;

/// The longest header, with a mask.
const MAX_HEADER: usize = 14;

const CONTINUATION: u8 = 0;
const TEXT: u8 = 1;
const BINARY: u8 = 2;
const CLOSE: u8 = 8;

pub struct Server {
    listener: TcpListener,
}

impl Server {
    pub fn bind() -> io::Result<Server> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        Ok(Server { listener })
    }

    pub fn port(&self) -> io::Result<u16> {
        Ok(self.listener.local_addr()?.port())
    }

    /// Serves for ever.
    pub fn run(self) -> Result<()> {
        for stream in self.listener.incoming() {
            let stream = stream?;
            thread::Builder::new().stack_size(STACK).spawn(|| {
                // A client that has measured enough just goes.
                let _ = serve(stream);
            })?;
        }
        Ok(())
    }
}

fn serve(mut stream: TcpStream) -> Result<()> {
    stream.set_nodelay(true)?;
    let path = accept(&mut stream)?;
    let (mode, query) = path.split_once('?').unwrap_or((&path, ""));
    let mut parameters = query.split('&');
    let mut parameter = || parameters.next().context("the query is too short");
    match mode {
        "/echo" => echo(stream),
        "/push" => {
            let kind: Kind = parameter()?.parse()?;
            let payload = Payload::new(kind, parameter()?.parse()?);
            push(stream, &payload, parameter()?.parse()?)
        }
        "/discard" => discard(stream, parameter()?.parse()?),
        other => bail!("there is no `{other}`"),
    }
}

/// Answers the opening handshake; the path of the request.
fn accept(stream: &mut TcpStream) -> Result<String> {
    let mut head = Vec::new();
    while !opening::is_whole(&head) {
        let mut part = [0; 1024];
        let length = stream.read(&mut part)?;
        if length == 0 {
            bail!("the request has no end");
        }
        head.extend_from_slice(&part[..length]);
    }
    stream.write_all(opening::response(&head)?.as_bytes())?;
    Ok(opening::path(&head)?.to_owned())
}

fn echo(stream: TcpStream) -> Result<()> {
    let mut frames = Frames::new(stream);
    let mut out = Vec::new();
    // Where the message begins that has not wholly arrived.
    let mut begun = 0;
    // Where the payload of a message in fragments begins.
    let mut fragments = None;
    loop {
        match frames.next()? {
            Part::Header(header) if header.opcode == CONTINUATION => {}
            Part::Header(header) if header.is_last => {
                write_header(&mut out, header.opcode, header.length, false);
            }
            Part::Header(header) => {
                // Only large messages come in fragments: their length takes eight bytes.
                write_header(&mut out, header.opcode, usize::MAX, false);
                fragments = Some(out.len());
            }
            Part::Payload(bytes, mask) => {
                let start = out.len();
                out.extend_from_slice(bytes);
                unmask(&mut out[start..], mask);
            }
            Part::EndOfMessage => {
                if let Some(payload) = fragments.take() {
                    let length = (out.len() - payload) as u64;
                    out[payload - 8..payload].copy_from_slice(&length.to_be_bytes());
                }
                begun = out.len();
            }
            Part::EndOfRead => {
                frames.write(&out[..begun])?;
                if begun == out.len() {
                    out.clear();
                } else {
                    out.drain(..begun);
                    fragments = fragments.map(|payload| payload - begun);
                }
                begun = 0;
            }
            Part::Over => return Ok(()),
        }
    }
}

fn push(mut stream: TcpStream, payload: &Payload, count: usize) -> Result<()> {
    let mut frames = Frames::new(stream.try_clone()?);
    let block = payload.frames(None, READ);
    let frame = payload.frame(None).len();
    let total = frame * count;
    while frames.reaches_message()? {
        let mut sent = 0;
        while sent < total {
            let part = &block[..block.len().min(total - sent)];
            stream.write_all(part)?;
            sent += part.len();
        }
    }
    Ok(())
}

fn discard(mut stream: TcpStream, count: usize) -> Result<()> {
    let mut frames = Frames::new(stream.try_clone()?);
    let answer = Payload::new(Kind::Binary, 0).frame(None);
    loop {
        for _ in 0..count {
            if !frames.reaches_message()? {
                return Ok(());
            }
        }
        stream.write_all(&answer)?;
    }
}

#[derive(Clone, Copy)]
struct Header {
    opcode: u8,
    is_last: bool,
    length: usize,
    mask: [u8; 4],
}

/// What comes next.
enum Part<'a> {
    Header(Header),
    /// Some payload, and the mask from its first byte on.
    Payload(&'a [u8], [u8; 4]),
    EndOfMessage,
    /// What follows has to be read first.
    EndOfRead,
    Over,
}

/// Takes a client's frames apart.
struct Frames {
    stream: TcpStream,
    buffer: Box<[u8]>,
    start: usize,
    end: usize,
    frame: Option<Header>,
    has_read_all: bool,
    /// What was read while nothing could be written.
    ahead: Vec<u8>,
}

impl Frames {
    fn new(stream: TcpStream) -> Frames {
        Frames {
            stream,
            buffer: vec![0; READ].into_boxed_slice(),
            start: 0,
            end: 0,
            frame: None,
            has_read_all: false,
            ahead: Vec::new(),
        }
    }

    /// Writes all, and reads on meanwhile: a client may send all it has before it takes an answer.
    fn write(&mut self, mut bytes: &[u8]) -> Result<()> {
        while !bytes.is_empty() {
            match send(self.stream.as_raw_fd(), bytes, MsgFlags::MSG_DONTWAIT) {
                Ok(length) => bytes = &bytes[length..],
                Err(Errno::EAGAIN) => self.read_ahead()?,
                Err(Errno::EINTR) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    /// Waits until something can be written, or can be read and is.
    fn read_ahead(&mut self) -> Result<()> {
        let events = PollFlags::POLLIN | PollFlags::POLLOUT;
        let mut waiting = [PollFd::new(self.stream.as_fd(), events)];
        poll(&mut waiting, PollTimeout::NONE)?;
        if !waiting[0]
            .revents()
            .is_some_and(|events| events.contains(PollFlags::POLLIN))
        {
            return Ok(());
        }
        let start = self.ahead.len();
        self.ahead.resize(start + READ, 0);
        let length = self.stream.read(&mut self.ahead[start..])?;
        self.ahead.truncate(start + length);
        ensure!(length > 0, "the client has gone");
        Ok(())
    }

    fn read(&mut self) -> io::Result<usize> {
        let room = &mut self.buffer[self.end..];
        if self.ahead.is_empty() {
            return self.stream.read(room);
        }
        let length = self.ahead.len().min(room.len());
        room[..length].copy_from_slice(&self.ahead[..length]);
        self.ahead.drain(..length);
        Ok(length)
    }

    /// Drops what comes up to the end of a message; false when the client has gone.
    fn reaches_message(&mut self) -> Result<bool> {
        loop {
            match self.next()? {
                Part::EndOfMessage => return Ok(true),
                Part::Over => return Ok(false),
                _ => {}
            }
        }
    }

    fn next(&mut self) -> Result<Part<'_>> {
        if let Some(frame) = &mut self.frame {
            if frame.length == 0 {
                let is_last = frame.is_last;
                self.frame = None;
                if is_last {
                    return Ok(Part::EndOfMessage);
                }
            } else if self.start < self.end {
                let length = frame.length.min(self.end - self.start);
                let bytes = &self.buffer[self.start..self.start + length];
                let mask = frame.mask;
                frame.mask.rotate_left(length % 4);
                frame.length -= length;
                self.start += length;
                return Ok(Part::Payload(bytes, mask));
            }
        }
        if self.frame.is_none()
            && let Some(header) = self.header()?
        {
            if header.opcode == CLOSE {
                return Ok(Part::Over);
            }
            self.frame = Some(header);
            return Ok(Part::Header(header));
        }
        if !self.has_read_all {
            self.has_read_all = true;
            return Ok(Part::EndOfRead);
        }
        self.has_read_all = false;
        self.buffer.copy_within(self.start..self.end, 0);
        self.end -= self.start;
        self.start = 0;
        let length = self.read()?;
        if length == 0 {
            return Ok(Part::Over);
        }
        self.end += length;
        self.next()
    }

    /// The next header, if it has wholly arrived (RFC 6455 §5.2).
    fn header(&mut self) -> Result<Option<Header>> {
        let bytes = &self.buffer[self.start..self.end.min(self.start + MAX_HEADER)];
        let [first, second, rest @ ..] = bytes else {
            return Ok(None);
        };
        let opcode = first & 0x0F;
        if !matches!(opcode, CONTINUATION | TEXT | BINARY | CLOSE) || second & 0x80 == 0 {
            bail!("this is nothing that a client sends here");
        }
        let long = match second & 0x7F {
            126 => 2,
            127 => 8,
            _ => 0,
        };
        let Some((length, mask)) = rest.get(..long + 4).map(|rest| rest.split_at(long)) else {
            return Ok(None);
        };
        let length = match length {
            [] => usize::from(second & 0x7F),
            long => long
                .iter()
                .fold(0, |sum, byte| sum << 8 | usize::from(*byte)),
        };
        self.start += 2 + long + 4;
        Ok(Some(Header {
            opcode,
            is_last: first & 0x80 != 0,
            length,
            mask: [mask[0], mask[1], mask[2], mask[3]],
        }))
    }
}

fn unmask(bytes: &mut [u8], mask: [u8; 4]) {
    let wide = u64::from_ne_bytes(std::array::from_fn(|i| mask[i % 4]));
    let (words, rest) = bytes.as_chunks_mut::<8>();
    for word in words {
        *word = (u64::from_ne_bytes(*word) ^ wide).to_ne_bytes();
    }
    for (byte, mask) in rest.iter_mut().zip(mask) {
        *byte ^= mask;
    }
    // The rest may be longer than a mask.
    for (byte, mask) in rest.iter_mut().skip(4).zip(mask) {
        *byte ^= mask;
    }
}
