//! TCP connections that are accepted.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use futures::Stream;

use super::address;
use super::request::{Reading, check_options};

use crate::backend::native::error::io_error;
use crate::error::{Error, ErrorKind};
use crate::options::Options;
use crate::platform;
use crate::platform::native::runtime::{self, TcpListener, TcpStream};

/// How long accepting rests when something else is wrong than a connection: what frees descriptors
/// gets its turn.
const PAUSE: Duration = Duration::from_millis(100);

pub(crate) struct Acceptor {
    local_address: SocketAddr,
    accepting: Pin<Box<dyn Stream<Item = io::Result<TcpStream>> + Send>>,
}

impl Acceptor {
    /// Listens at an IP address with a port. The options are those of the connections to come.
    pub(crate) async fn bind(address: &str, options: &Options) -> Result<Acceptor, Error> {
        check_options(options)?;
        let address = address::parse(address).await?;
        let refused = |error: io::Error| {
            Error::new(ErrorKind::Connection, format!("cannot listen at {address}"))
                .with_source(error)
        };
        runtime::check().map_err(io_error)?;
        let listener = TcpListener::bind(address).await.map_err(refused)?;
        let local_address = listener.local_address().map_err(refused)?;
        let accepting =
            futures::stream::unfold((listener, false), |(listener, pauses)| async move {
                if pauses {
                    platform::sleep(PAUSE).await;
                }
                let stream = listener.accept().await;
                let pauses = stream.as_ref().is_err_and(is_general);
                Some((stream, (listener, pauses)))
            });
        Ok(Acceptor {
            local_address,
            accepting: Box::pin(accepting),
        })
    }

    pub(crate) fn local_address(&self) -> SocketAddr {
        self.local_address
    }

    pub(crate) fn poll_accept(
        &mut self,
        cx: &mut Context<'_>,
        options: &Options,
    ) -> Poll<Result<Reading, Error>> {
        let accepted = ready!(self.accepting.as_mut().poll_next(cx));
        let accepted = accepted.expect("accepting never ends");
        let reading = |stream| Reading::tcp(stream, options.clone());
        Poll::Ready(accepted.map(reading).map_err(io_error))
    }
}

/// Whether an error of accepting is about more than one connection.
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
