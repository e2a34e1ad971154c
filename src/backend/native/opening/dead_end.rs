//! Addresses that lead nowhere.

#![allow(dead_code, unreachable_pub)] // It is a module of `tests/support`, too.

use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::time::Duration;

use socket2::{Domain, Socket, Type};

/// An address of 127.0.0.1 that leads nowhere, for as long as this value lives.
#[derive(Debug)]
pub struct DeadEnd {
    address: SocketAddr,
    _socket: Socket,
    _clients: Vec<TcpStream>,
}

impl DeadEnd {
    /// The address.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The beginning of its URLs: `ws://127.0.0.1:8080`.
    pub fn base(&self) -> String {
        format!("ws://{}", self.address)
    }

    fn bind() -> io::Result<Self> {
        let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
        socket.bind(&SocketAddr::from((Ipv4Addr::LOCALHOST, 0)).into())?;
        let address = socket.local_addr()?.as_socket();
        Ok(Self {
            address: address.ok_or(io::ErrorKind::AddrNotAvailable)?,
            _socket: socket,
            _clients: Vec::new(),
        })
    }

    fn listen(backlog: i32) -> io::Result<Self> {
        let dead_end = Self::bind()?;
        dead_end._socket.listen(backlog)?;
        Ok(dead_end)
    }
}

/// A port on which nobody listens, and nobody else will: connecting is refused.
pub fn refused_port() -> io::Result<DeadEnd> {
    DeadEnd::bind()
}

/// A listener that takes connections and requests, but never answers.
pub fn silent() -> io::Result<DeadEnd> {
    DeadEnd::listen(128)
}

/// A listener whose backlog is full: on Linux, connecting to it does not come to an end.
pub fn blackhole() -> io::Result<DeadEnd> {
    const PATIENCE: Duration = Duration::from_millis(200);
    const ENOUGH: usize = 64;

    let mut dead_end = DeadEnd::listen(0)?;
    while let Ok(client) = TcpStream::connect_timeout(&dead_end.address, PATIENCE) {
        dead_end._clients.push(client);
        if dead_end._clients.len() >= ENOUGH {
            break;
        }
    }
    Ok(dead_end)
}
