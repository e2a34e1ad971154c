use std::io::{ErrorKind, Read, Write};
use std::net::{IpAddr, Ipv4Addr, Shutdown, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use socket2::SockRef;

use crate::native::head::Head;
use crate::native::store::Recorder;
use crate::native::wire::{MAX_HEAD, WireFrame, take_frame, take_head};
use crate::record::{Body, Entry};
use crate::step::Pace;

/// How long a connection may last.
const LIFETIME: Duration = Duration::from_secs(30);

/// How long the client has to hang up after the server has.
const LINGER: Duration = Duration::from_secs(2);

const READ_SIZE: usize = 64 << 10;

/// The client cannot be reached any more.
pub(crate) struct Gone;

/// A client's connection: bounded in time, and recorded once it has a recorder.
pub(crate) struct Connection {
    stream: TcpStream,
    deadline: Instant,
    recorder: Option<Recorder>,
    pace: Option<Pace>,
    buffer: Vec<u8>,
    /// All bytes but request heads and SOCKS5 handshakes.
    received: u64,
    /// Bytes of `received` that frames were made of.
    decoded: u64,
    undecodable: bool,
    read_end: Option<ReadEnd>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum ReadEnd {
    Eof,
    Reset,
}

impl Connection {
    pub(crate) fn new(stream: TcpStream) -> Self {
        // Chunks are to leave one by one.
        let _ = stream.set_nodelay(true);
        Self {
            stream,
            deadline: Instant::now() + LIFETIME,
            recorder: None,
            pace: None,
            buffer: Vec::new(),
            received: 0,
            decoded: 0,
            undecodable: false,
            read_end: None,
        }
    }

    /// Our address.
    pub(crate) fn local_ip(&self) -> IpAddr {
        let address = self.stream.local_addr();
        address.map_or(Ipv4Addr::LOCALHOST.into(), |address| address.ip())
    }

    pub(crate) fn record_into(&mut self, recorder: Recorder) {
        self.recorder = Some(recorder);
    }

    pub(crate) fn record(&self, entry: Entry) {
        if let Some(recorder) = &self.recorder {
            recorder.record(entry);
        }
    }

    /// The point in time so many ms from now, or the end of the connection's life.
    pub(crate) fn limit(&self, ms: Option<u64>) -> Instant {
        ms.and_then(|ms| Instant::now().checked_add(Duration::from_millis(ms)))
            .map_or(self.deadline, |limit| limit.min(self.deadline))
    }

    /// Whether nothing more can come of this connection.
    pub(crate) fn is_over(&self) -> bool {
        self.read_end == Some(ReadEnd::Reset) || Instant::now() >= self.deadline
    }

    pub(crate) fn sleep(&self, ms: u64) {
        thread::sleep(
            self.limit(Some(ms))
                .saturating_duration_since(Instant::now()),
        );
    }

    pub(crate) fn set_pace(&mut self, pace: Option<Pace>) {
        self.pace = pace;
    }

    pub(crate) fn set_receive_buffer(&self, bytes: u32) {
        let _ = SockRef::from(&self.stream).set_recv_buffer_size(bytes as usize);
    }

    /// Reads one request head; `None` if none came, which is recorded.
    pub(crate) fn read_head(&mut self) -> Option<Head> {
        loop {
            if let Some((lines, len)) = take_head(&mut self.buffer) {
                self.received -= len as u64;
                return Some(Head { lines });
            }
            if self.buffer.len() > MAX_HEAD {
                self.record(Entry::Error("request head too long".to_owned()));
                return None;
            }
            if self.receive(self.deadline, READ_SIZE) == 0 {
                return None;
            }
        }
    }

    /// Reads so many bytes in front of all frames; `None` if the client or the time ended first,
    /// which is recorded.
    pub(crate) fn read_exact(&mut self, len: usize) -> Option<Vec<u8>> {
        while self.buffer.len() < len {
            if self.receive(self.deadline, READ_SIZE) == 0 {
                return None;
            }
        }
        self.received -= len as u64;
        let rest = self.buffer.split_off(len);
        Some(std::mem::replace(&mut self.buffer, rest))
    }

    /// Reads the next frame and records it; `None` if the client or the time ended first, which
    /// is recorded as well.
    pub(crate) fn read_frame(&mut self, until: Instant) -> Option<WireFrame> {
        loop {
            if let Some(frame) = self.decode() {
                return Some(frame);
            }
            if self.receive(until, READ_SIZE) == 0 {
                return None;
            }
        }
    }

    /// Reads and records all frames that come.
    pub(crate) fn drain(&mut self, until: Instant) {
        while self.read_frame(until).is_some() {}
    }

    /// Reads once, up to `max` bytes, and records the frames that are complete with them. The
    /// number of bytes is 0 if the client or the time ended first.
    pub(crate) fn read_some(&mut self, until: Instant, max: usize) -> usize {
        let count = self.receive(until, max.min(READ_SIZE));
        while self.decode().is_some() {}
        count
    }

    fn decode(&mut self) -> Option<WireFrame> {
        let before = self.buffer.len();
        let taken = match self.undecodable {
            true => None,
            false => take_frame(&mut self.buffer).unwrap_or_else(|_| {
                self.undecodable = true;
                None
            }),
        };
        if let Some(frame) = &taken {
            self.decoded += (before - self.buffer.len()) as u64;
            self.record(Entry::Frame(frame.record()));
        }
        taken
    }

    fn receive(&mut self, until: Instant, max: usize) -> usize {
        if self.read_end.is_some() {
            return 0;
        }
        let mut bytes = vec![0; max];
        loop {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                self.record(Entry::Timeout);
                return 0;
            }
            // A timeout below one millisecond could be taken for none at all.
            let _ = self
                .stream
                .set_read_timeout(Some(left.max(Duration::from_millis(1))));
            match self.stream.read(&mut bytes) {
                Ok(0) => {
                    self.read_end(ReadEnd::Eof);
                    return 0;
                }
                Ok(count) => {
                    self.received += count as u64;
                    if !self.undecodable || self.buffer.len() < Body::MAX {
                        self.buffer.extend_from_slice(&bytes[..count]);
                    }
                    return count;
                }
                Err(error) => match error.kind() {
                    ErrorKind::Interrupted | ErrorKind::WouldBlock | ErrorKind::TimedOut => {}
                    _ => {
                        self.read_end(ReadEnd::Reset);
                        return 0;
                    }
                },
            }
        }
    }

    fn read_end(&mut self, end: ReadEnd) {
        if self.read_end != Some(ReadEnd::Reset) {
            self.read_end = Some(end);
            self.record(match end {
                ReadEnd::Eof => Entry::Eof,
                ReadEnd::Reset => Entry::Reset,
            });
        }
    }

    /// Writes at the current pace.
    pub(crate) fn write(&mut self, bytes: &[u8]) -> Result<(), Gone> {
        let Some(pace) = self.pace else {
            return self.write_at_once(bytes);
        };
        for (index, chunk) in bytes.chunks(pace.chunk).enumerate() {
            if index > 0 {
                self.sleep(pace.gap);
            }
            self.write_at_once(chunk)?;
        }
        Ok(())
    }

    fn write_at_once(&mut self, mut bytes: &[u8]) -> Result<(), Gone> {
        while !bytes.is_empty() {
            let left = self.deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                self.record(Entry::Timeout);
                return Err(Gone);
            }
            let _ = self
                .stream
                .set_write_timeout(Some(left.max(Duration::from_millis(1))));
            match self.stream.write(bytes) {
                Ok(0) => return Err(Gone),
                Ok(count) => bytes = &bytes[count..],
                Err(error) => match error.kind() {
                    ErrorKind::Interrupted | ErrorKind::WouldBlock | ErrorKind::TimedOut => {}
                    _ => {
                        self.read_end(ReadEnd::Reset);
                        return Err(Gone);
                    }
                },
            }
        }
        Ok(())
    }

    pub(crate) fn half_close(&self) {
        let _ = self.stream.shutdown(Shutdown::Write);
    }

    /// Hangs up, and waits for the client to do so: closing with unread bytes would reset the
    /// connection and lose what is still on its way to the client.
    pub(crate) fn finish(&mut self) {
        self.half_close();
        self.drain(self.limit(Some(LINGER.as_millis() as u64)));
    }

    /// Makes the end of the connection a reset.
    pub(crate) fn reset(&mut self) {
        let _ = SockRef::from(&self.stream).set_linger(Some(Duration::ZERO));
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        let len = self.received - self.decoded;
        if len > 0 {
            let head = self.buffer.iter().copied().take(Body::MAX).collect();
            self.record(Entry::Rest { len, head });
        }
        self.record(Entry::Bytes {
            total: self.received,
        });
    }
}
