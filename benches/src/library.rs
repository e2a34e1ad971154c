//! What every library is asked to do.

use std::future::Future;
use std::net::TcpListener;

use futures::Stream;

use crate::memory::Memory;
use crate::payload::Payload;

/// A library, used as its documentation shows, with Nagle's algorithm off and, where there is a
/// choice, with masks that nobody can predict.
pub trait Library {
    const NAME: &'static str;

    /// Runs a future on one thread of the runtime that the library is made for.
    fn block_on<T>(future: impl Future<Output = T>) -> T;

    /// A client's connection with a server of this machine.
    fn connect(port: u16, path: &str) -> impl Future<Output = impl Connection>;

    /// The server's side of each connection. Asked for on the runtime.
    fn accept(listener: TcpListener) -> impl Stream<Item = impl Connection>;

    /// The client's side of a connection in memory.
    fn client(memory: Memory) -> impl Future<Output = impl Connection>;

    /// The server's side of a connection in memory.
    fn server(memory: Memory) -> impl Future<Output = impl Connection>;
}

/// A library that is measured as a server.
pub trait EchoServer: Library {
    /// Sends each message back to its client, for ever.
    fn echo(listener: TcpListener) -> impl Future<Output = ()>;
}

/// A library that is measured with a message for all.
pub trait BroadcastServer: Library {
    /// Sends each message to all clients, for ever.
    fn broadcast(listener: TcpListener) -> impl Future<Output = ()>;
}

/// A connection that is expected to work: whatever goes wrong is a panic.
pub trait Connection {
    /// The library's own message, cheap to clone.
    type Message: Clone;

    fn message(payload: &Payload) -> Self::Message;

    /// Sends as a program does that thinks of nothing else.
    fn send(&mut self, message: Self::Message) -> impl Future<Output = ()>;

    /// Sends, but leaves writing to a later [`flush`](Self::flush), if the library can.
    fn feed(&mut self, message: Self::Message) -> impl Future<Output = ()>;

    /// Writes what was fed.
    fn flush(&mut self) -> impl Future<Output = ()>;

    /// The length of the next message, of which the library has validated what is text.
    fn receive(&mut self) -> impl Future<Output = usize>;
}
