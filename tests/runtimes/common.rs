//! What the tests share.

#![cfg_attr(not(feature = "server"), allow(dead_code))]

use std::future::Future;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::thread;

use qwebsocket::{Error, ErrorKind, Features};
use tokio::runtime::{Builder, Runtime};

/// Where a future is polled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    TokioThreads,
    TokioThread,
    TokioWithoutDrivers,
    TokioWithoutTimers,
    Smol,
    AsyncStd,
    Plain,
}

pub(crate) const PLACES: [Place; 7] = [
    Place::TokioThreads,
    Place::TokioThread,
    Place::TokioWithoutDrivers,
    Place::TokioWithoutTimers,
    Place::Smol,
    Place::AsyncStd,
    Place::Plain,
];

impl Place {
    pub(crate) fn run<T>(self, future: impl Future<Output = T>) -> T {
        match self {
            Place::TokioThreads => tokio_threads().block_on(future),
            Place::TokioThread => tokio_thread().block_on(future),
            Place::TokioWithoutDrivers => {
                let runtime = Builder::new_current_thread().build();
                runtime.unwrap().block_on(future)
            }
            Place::TokioWithoutTimers => {
                let runtime = Builder::new_multi_thread().enable_io().build();
                runtime.unwrap().block_on(future)
            }
            Place::Smol => smol::block_on(future),
            Place::AsyncStd => async_std::task::block_on(future),
            Place::Plain => futures::executor::block_on(future),
        }
    }

    /// Whether something is compiled in that works here.
    pub(crate) fn has_runtime(self) -> bool {
        let is_tokio = matches!(self, Place::TokioThreads | Place::TokioThread);
        cfg!(any(feature = "async-std", feature = "smol")) || cfg!(feature = "tokio") && is_tokio
    }
}

pub(crate) fn tokio_threads() -> Runtime {
    let mut builder = Builder::new_multi_thread();
    builder.worker_threads(2).enable_all().build().unwrap()
}

pub(crate) fn tokio_thread() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

/// Checks the error of what needs a runtime where none is.
pub(crate) fn assert_says_what_to_do(error: &Error) {
    let kind = match cfg!(feature = "tokio") {
        true => ErrorKind::WrongState,
        false => ErrorKind::Unsupported(Features::NONE),
    };
    assert_eq!(error.kind(), kind, "{error}");
    assert!(
        error
            .to_string()
            .contains("add one of qwebsocket's features"),
        "{error}"
    );
}

/// A server whose connections are handled so, each in a thread.
pub(crate) fn serve(handle: impl Fn(TcpStream) + Send + Clone + 'static) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let handle = handle.clone();
            thread::spawn(move || handle(stream.unwrap()));
        }
    });
    address
}
