//! What idle connections keep in the memory of a process.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::pin::pin;
use std::thread;

use anyhow::{Context, Result};
use futures::{FutureExt, StreamExt};

use crate::libraries::with_library;
use crate::library::{Connection, Library};
use crate::load::shake_hands;
use crate::machine::{raise_file_limit, resident_memory};
use crate::measure::echo;
use crate::payload::{Kind, Payload};

/// Whose connections are idle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    Client,
    Server,
}

/// What a program does after the only echo.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rest {
    /// Waits for the next message.
    Polled,
    /// Leaves the connection alone, as one does that is busy elsewhere.
    Unpolled,
}

/// Bytes that each connection keeps resident.
#[derive(Clone, Copy, Debug)]
pub struct Idle {
    pub open: f64,
    /// After all were dropped.
    pub dropped: f64,
}

const PAYLOAD: usize = 16;

/// Opens so many connections that echo once each; `port` is that of the server for clients.
pub fn idle(library: &str, role: Role, rest: Rest, count: usize, port: u16) -> Result<Idle> {
    raise_file_limit()?;
    match role {
        Role::Client => with_library!(library, clients(rest, count, port)),
        Role::Server => with_library!(library, servers(rest, count)),
    }
}

fn clients<L: Library>(rest: Rest, count: usize, port: u16) -> Result<Idle> {
    let payload = Payload::new(Kind::Binary, PAYLOAD);
    L::block_on(async {
        let open = async || {
            let mut connection = L::connect(port, "/echo").await;
            echo(&mut connection, &payload, 1, 1).await;
            leave(&mut connection, rest);
            connection
        };
        // What the first one needs is needed once.
        drop(open().await);
        let before = resident()?;
        let mut connections = Vec::with_capacity(count);
        for _ in 0..count {
            connections.push(open().await);
        }
        compare(before, connections)
    })
}

fn servers<L: Library>(rest: Rest, count: usize) -> Result<Idle> {
    let payload = Payload::new(Kind::Binary, PAYLOAD);
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let port = listener.local_addr()?.port();
    let clients = thread::spawn(move || echoed(port, count + 1));
    let idle = L::block_on(async {
        let mut accepted = pin!(L::accept(listener));
        let mut open = async || {
            let mut connection = accepted.next().await.context("it listens for ever")?;
            assert_eq!(connection.receive().await, payload.bytes.len());
            connection.feed(message(&connection, &payload)).await;
            connection.flush().await;
            leave(&mut connection, rest);
            anyhow::Ok(connection)
        };
        let first = open().await?;
        let before = resident()?;
        let mut connections = Vec::with_capacity(count);
        for _ in 0..count {
            connections.push(open().await?);
        }
        let idle = compare(before, connections);
        drop(first);
        idle
    });
    let clients = clients.join().expect("the clients work");
    clients.and(idle)
}

fn message<C: Connection>(_: &C, payload: &Payload) -> C::Message {
    C::message(payload)
}

fn leave<C: Connection>(connection: &mut C, rest: Rest) {
    if rest == Rest::Polled {
        let more = connection.receive().now_or_never();
        assert!(more.is_none(), "nobody sends more");
    }
}

fn compare<C>(before: u64, connections: Vec<C>) -> Result<Idle> {
    let open = resident()?;
    let count = connections.len();
    drop(connections);
    let dropped = resident()?;
    let each = |after: u64| (after as f64 - before as f64) / count as f64;
    Ok(Idle {
        open: each(open),
        dropped: each(dropped),
    })
}

fn resident() -> Result<u64> {
    resident_memory(std::process::id())
}

/// Clients without a library, one after the other, each after its only echo.
fn echoed(port: u16, count: usize) -> Result<Vec<TcpStream>> {
    let payload = Payload::new(Kind::Binary, PAYLOAD);
    let frame = payload.frame(Some([0; 4]));
    let mut answer = payload.frame(None);
    let mut open = || {
        let mut stream = shake_hands(port)?;
        stream.write_all(&frame)?;
        stream.read_exact(&mut answer)?;
        Ok(stream)
    };
    (0..count).map(|_| open()).collect()
}
