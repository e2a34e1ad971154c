//! Clients that load a server: one for all libraries, without any of them, on one thread.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Result, bail, ensure};
use mio::{Events, Interest, Poll, Token};

use crate::machine::{cpu_time_of, resident_memory};
use crate::opening;
use crate::payload::{Kind, Payload};

const MASK: [u8; 4] = [0x37, 0xFA, 0x21, 0x3D];
const READ: usize = 256 * 1024;

/// So long may all wait for the server.
const PATIENCE: Duration = Duration::from_secs(20);

/// Nothing more comes after nothing has come for so long.
const QUIET: Duration = Duration::from_millis(100);

/// A load that clients put on a server.
#[derive(Clone, Copy, Debug)]
pub struct Load {
    pub connections: usize,
    pub size: usize,
    /// Messages under way on each connection.
    pub outstanding: usize,
}

/// How long a server is loaded.
#[derive(Clone, Copy, Debug)]
pub struct Period {
    pub warm_up: Duration,
    pub measured: Duration,
}

/// What a server takes.
#[derive(Clone, Copy, Debug)]
pub struct Taken {
    /// The processor's nanoseconds for each message.
    pub cpu: f64,
    /// Bytes that each connection keeps resident when all is answered.
    pub memory: f64,
}

/// A server as a process.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    pub process: u32,
    pub port: u16,
}

/// Loads a server that echoes.
pub fn echo(target: Target, load: Load, period: Period) -> Result<Taken> {
    let payload = Payload::new(Kind::Binary, load.size);
    let frame = payload.frame(Some(MASK));
    let answer = payload.frame(None).len();
    // What the first client needs is needed once; it stays.
    let mut first = shake_hands(target.port)?;
    first.write_all(&frame)?;
    first.read_exact(&mut vec![0; answer])?;
    let before = resident_memory(target.process)?;

    let block = frame.repeat(load.outstanding);
    let mut clients = Clients::open(target.port, load.connections, block, answer)?;
    clients.send_all(load.outstanding)?;
    clients.send_for(period.warm_up, frame.len())?;
    let cpu = cpu_time_of(target.process)?;
    let messages = clients.send_for(period.measured, frame.len())?;
    let cpu = cpu_time_of(target.process)? - cpu;
    ensure!(messages > 0, "the server answers too slowly");
    clients.take_rest()?;
    // The server may still be busy with what it has answered.
    thread::sleep(QUIET);
    let memory = resident_memory(target.process)? as f64 - before as f64;
    Ok(Taken {
        cpu: cpu.as_nanos() as f64 / messages as f64,
        memory: memory / load.connections as f64,
    })
}

/// Has a server send messages of this size to all clients for some time; the processor's nanoseconds
/// for each message that arrives.
pub fn broadcast(target: Target, clients: usize, size: usize, period: Period) -> Result<f64> {
    let payload = Payload::new(Kind::Binary, size);
    let frame = payload.frame(Some(MASK));
    let answer = payload.frame(None).len();
    let mut clients = Clients::open(target.port, clients, frame, answer)?;
    clients.publish_until_all_hear()?;
    clients.publish_for(period.warm_up)?;
    let cpu = cpu_time_of(target.process)?;
    let messages = clients.publish_for(period.measured)?;
    let cpu = cpu_time_of(target.process)? - cpu;
    Ok(cpu.as_nanos() as f64 / messages as f64)
}

/// A connection whose opening handshake is done.
pub fn shake_hands(port: u16) -> Result<TcpStream> {
    let mut stream = TcpStream::connect(("127.0.0.1", port))?;
    stream.set_nodelay(true)?;
    stream.write_all(opening::request(port, "/").as_bytes())?;
    let mut head = Vec::new();
    while !opening::is_whole(&head) {
        let mut part = [0; 1024];
        let length = stream.read(&mut part)?;
        ensure!(length > 0, "the server has gone");
        head.extend_from_slice(&part[..length]);
    }
    ensure!(head.starts_with(b"HTTP/1.1 101 "), "the server refuses");
    Ok(stream)
}

struct Client {
    stream: mio::net::TcpStream,
    /// Bytes of frames to write.
    unsent: usize,
    /// Where in the repeated block they begin.
    position: usize,
    /// Bytes of an answer that has not wholly come.
    begun: usize,
}

impl Client {
    /// Writes what the connection takes of what is still to be sent.
    fn write(&mut self, block: &[u8]) -> Result<()> {
        while self.unsent > 0 {
            let end = block.len().min(self.position + self.unsent);
            match self.stream.write(&block[self.position..end]) {
                Ok(length) => {
                    self.unsent -= length;
                    self.position = (self.position + length) % block.len();
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    /// Reads all that has come; the number of answers of this length that it completes.
    fn read(&mut self, buffer: &mut [u8], answer: usize) -> Result<usize> {
        let mut answers = 0;
        loop {
            match self.stream.read(buffer) {
                Ok(0) => bail!("the server has gone"),
                Ok(length) => {
                    self.begun += length;
                    answers += self.begun / answer;
                    self.begun %= answer;
                    // Whatever comes from now on is told again (epoll(7)).
                    if length < buffer.len() {
                        return Ok(answers);
                    }
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(answers),
                Err(error) => return Err(error.into()),
            }
        }
    }
}

struct Clients {
    all: Vec<Client>,
    poll: Poll,
    events: Events,
    buffer: Vec<u8>,
    /// The frames that each sends over and over.
    block: Vec<u8>,
    /// The length of an answer's frame.
    answer: usize,
    /// Answers that have not come.
    awaited: usize,
}

impl Clients {
    fn open(port: u16, count: usize, block: Vec<u8>, answer: usize) -> Result<Clients> {
        let poll = Poll::new()?;
        let mut all = Vec::with_capacity(count);
        for number in 0..count {
            let stream = shake_hands(port)?;
            stream.set_nonblocking(true)?;
            let mut stream = mio::net::TcpStream::from_std(stream);
            let interest = Interest::READABLE | Interest::WRITABLE;
            poll.registry()
                .register(&mut stream, Token(number), interest)?;
            all.push(Client {
                stream,
                unsent: 0,
                position: 0,
                begun: 0,
            });
        }
        Ok(Clients {
            all,
            poll,
            events: Events::with_capacity(1024),
            buffer: vec![0; READ],
            block,
            answer,
            awaited: 0,
        })
    }

    /// Sends the whole block of so many messages on each connection.
    fn send_all(&mut self, messages: usize) -> Result<()> {
        for client in &mut self.all {
            client.unsent += self.block.len();
            client.write(&self.block)?;
        }
        self.awaited += messages * self.all.len();
        Ok(())
    }

    /// For some time, sends a message of this many bytes for each answer; the number of answers.
    fn send_for(&mut self, period: Duration, frame: usize) -> Result<usize> {
        let end = Instant::now() + period;
        let mut all = 0;
        while Instant::now() < end {
            let answers = self.turn(end, frame)?;
            self.awaited += answers;
            all += answers;
        }
        Ok(all)
    }

    /// For some time, has messages sent to all, one after the other; the number of answers.
    fn publish_for(&mut self, period: Duration) -> Result<usize> {
        let end = Instant::now() + period;
        let mut all = 0;
        while Instant::now() < end {
            self.publish()?;
            self.take_rest()?;
            all += self.all.len();
        }
        Ok(all)
    }

    /// Takes part in a room until all do, for whom the server has got there.
    fn publish_until_all_hear(&mut self) -> Result<()> {
        let end = Instant::now() + PATIENCE;
        while Instant::now() < end {
            self.publish()?;
            while self.turn(Instant::now() + QUIET, 0)? > 0 {}
            if self.awaited == 0 {
                return Ok(());
            }
            self.awaited = 0;
        }
        bail!("some clients never hear what is sent to all")
    }

    fn publish(&mut self) -> Result<()> {
        let publisher = &mut self.all[0];
        publisher.unsent += self.block.len();
        publisher.write(&self.block)?;
        self.awaited += self.all.len();
        Ok(())
    }

    /// Takes all answers that have not come.
    fn take_rest(&mut self) -> Result<()> {
        let end = Instant::now() + PATIENCE;
        while self.awaited > 0 {
            ensure!(Instant::now() < end, "the server does not answer");
            self.turn(end, 0)?;
        }
        Ok(())
    }

    /// Waits for whoever can go on; the number of answers, for each of which so many bytes are sent.
    fn turn(&mut self, end: Instant, bytes: usize) -> Result<usize> {
        let left = end.saturating_duration_since(Instant::now());
        self.poll.poll(&mut self.events, Some(left))?;
        let mut answers = 0;
        for event in &self.events {
            let client = &mut self.all[event.token().0];
            let completed = client.read(&mut self.buffer, self.answer)?;
            client.unsent += completed * bytes;
            client.write(&self.block)?;
            answers += completed;
        }
        self.awaited = self.awaited.saturating_sub(answers);
        Ok(answers)
    }
}
