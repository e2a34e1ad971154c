//! TCP connections that are accepted.

use std::future::poll_fn;
use std::io;
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use futures::future::{Either, select};
use futures::{FutureExt, Stream};

use super::address;
use super::origins::Origins;
use super::refusal::Refused;
use super::registry::{GivenUp, Registry, Room, Seat};
use super::request::{Reading, UpgradeRequest, check_options};
use crate::backend::native::error::io_error;
use crate::error::{Error, ErrorKind};
use crate::options::Options;
use crate::options::listener::{ListenAddress, ListenerOptions, Place};
use crate::platform::native::runtime::{self, TcpListener, TcpStream};
use crate::platform::{self, Sleep};

/// How long accepting rests when something else is wrong than a connection: what frees descriptors
/// gets its turn.
const PAUSE: Duration = Duration::from_millis(100);

pub(crate) struct Acceptor {
    local_address: SocketAddr,
    accepting: Pin<Box<dyn Stream<Item = io::Result<TcpStream>> + Send>>,
    options: Options,
    origins: Arc<Origins>,
    registry: Arc<Registry>,
    /// Was accepted, and waits for room.
    waiting: Option<TcpStream>,
    /// Until when an unfinished handshake does not give way to it.
    grace: Option<Sleep>,
}

impl Acceptor {
    /// Listens. The options of the sockets are built.
    pub(crate) async fn bind(
        address: ListenAddress,
        options: ListenerOptions,
    ) -> Result<Acceptor, Error> {
        check_options(&options.socket)?;
        if options.connections == Some(0) || options.handshakes == Some(0) {
            return Err(Error::invalid_input("a listener has at least 1 connection"));
        }
        runtime::check().map_err(io_error)?;
        let origins = Origins::new(options.origins.as_deref())?;
        let listener = listen(address, options.backlog).await?;
        let local_address = listener.local_address().map_err(io_error)?;
        Ok(Acceptor {
            local_address,
            accepting: Box::pin(accepting(listener)),
            options: options.socket,
            origins: Arc::new(origins),
            registry: Registry::new(options.connections, options.handshakes),
            waiting: None,
            grace: None,
        })
    }

    pub(crate) fn local_address(&self) -> SocketAddr {
        self.local_address
    }

    pub(crate) fn poll_accept(&mut self, cx: &mut Context<'_>) -> Poll<Result<Reading, Error>> {
        if self.waiting.is_none() {
            let accepted = ready!(self.accepting.as_mut().poll_next(cx));
            match accepted.expect("accepting never ends") {
                Ok(stream) => self.waiting = Some(stream),
                Err(error) => return Poll::Ready(Err(io_error(error))),
            }
        }
        ready!(self.poll_room(cx));
        let stream = self.waiting.take().expect("one was accepted");
        let seat = self.registry.seat(platform::now());
        let reading = Reading::tcp(stream, self.options.clone());
        let admitted = admit(reading, seat, self.origins.clone());
        Poll::Ready(Ok(Reading::from_future(admitted)))
    }

    /// Ends the listening, and the connections: how many ended by themselves, and how many did not.
    pub(crate) async fn shut_down(self, limit: Duration) -> (usize, usize) {
        let Acceptor {
            accepting,
            waiting,
            registry,
            ..
        } = self;
        drop((accepting, waiting));
        registry.begin_end();
        let all_gone = poll_fn(|cx| registry.poll_empty(cx));
        select(all_gone, platform::sleep(limit)).await;
        registry.end()
    }

    fn poll_room(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        loop {
            let room = self.registry.room(platform::now(), cx.waker());
            if let Room::Free = room {
                self.grace = None;
                return Poll::Ready(());
            }
            let Room::After(left) = room else {
                return Poll::Pending;
            };
            let grace = self.grace.get_or_insert_with(|| platform::sleep(left));
            ready!(grace.poll_unpin(cx));
            self.grace = None;
        }
    }
}

fn accepting(listener: TcpListener) -> impl Stream<Item = io::Result<TcpStream>> + Send {
    futures::stream::unfold((listener, false), |(listener, pauses)| async move {
        if pauses {
            platform::sleep(PAUSE).await;
        }
        let stream = listener.accept().await;
        let pauses = stream.as_ref().is_err_and(is_general);
        Some((stream, (listener, pauses)))
    })
}

async fn listen(address: ListenAddress, backlog: u32) -> Result<TcpListener, Error> {
    let text = match address.0 {
        Place::Listener(listener) => {
            return TcpListener::from_std(listener)
                .map_err(|error| refused("at the listener that was given", error));
        }
        Place::Address(address) => {
            return TcpListener::bind(address, backlog)
                .await
                .map_err(|error| refused(&address.to_string(), error));
        }
        Place::Text(text) => text,
    };
    let mut last = None;
    for address in address::resolve(&text).await? {
        match TcpListener::bind(address, backlog).await {
            Ok(listener) => return Ok(listener),
            Err(error) => last = Some(error),
        }
    }
    Err(refused(&text, last.expect("a host has an address")))
}

fn refused(address: &str, error: io::Error) -> Error {
    Error::new(ErrorKind::Connection, format!("cannot listen at {address}")).with_source(error)
}

/// A handshake that goes on while it may.
async fn admit(
    reading: Reading,
    seat: Seat,
    origins: Arc<Origins>,
) -> Result<UpgradeRequest, Error> {
    let read = async { check_origin(reading.await?, &origins).await };
    let given_up = poll_fn(|cx| seat.poll_given_up(cx));
    let request = match select(pin!(read), given_up).await {
        Either::Left((request, _)) => request?,
        Either::Right((why, _)) => return Err(why.into()),
    };
    if !seat.finish() {
        return Err(GivenUp::GaveWay.into());
    }
    Ok(request.seated(seat))
}

/// Refuses a request of another origin.
async fn check_origin(request: UpgradeRequest, origins: &Origins) -> Result<UpgradeRequest, Error> {
    if origins.allow(request.handshake().info().headers()) {
        return Ok(request);
    }
    let Refused { status, why } = Origins::REFUSED;
    // Our own error says why in any case.
    let _ = request.refuse(status).await;
    Err(Error::new(ErrorKind::Handshake, why))
}

/// Returns whether an error of accepting is about more than one connection.
fn is_general(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionReset, InvalidInput, NotConnected};

    let of_one = [
        ConnectionAborted,
        ConnectionReset,
        InvalidInput,
        NotConnected,
    ];
    !of_one.contains(&error.kind())
}
