use std::io;
use std::net::{SocketAddr, TcpListener, TcpStream, ToSocketAddrs};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use crate::native::route::route;
use crate::native::store::Store;

/// A running server. Dropping it stops the listening; connections under way go on to their end.
///
/// ```no_run
/// use support::{Script, Server};
///
/// let server = Server::start();
/// let url = Script::new().accept().text("hi").serve().url(&server.base(), "case-1", "");
/// ```
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    stopping: Arc<AtomicBool>,
    listening: Option<JoinHandle<()>>,
}

impl Server {
    /// Listens on a free port of 127.0.0.1.
    ///
    /// # Panics
    ///
    /// If there is none.
    pub fn start() -> Self {
        Self::bind("127.0.0.1:0").expect("a free port")
    }

    /// Listens on this address, such as `[::1]:0`.
    pub fn bind(address: impl ToSocketAddrs) -> io::Result<Self> {
        let listener = TcpListener::bind(address)?;
        let address = listener.local_addr()?;
        let stopping = Arc::new(AtomicBool::new(false));
        let stop = Arc::clone(&stopping);
        let listening = thread::Builder::new()
            .name("support server".to_owned())
            .spawn(move || listen(&listener, &stop))?;
        Ok(Self {
            address,
            stopping,
            listening: Some(listening),
        })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The beginning of its URLs: `ws://127.0.0.1:8080`.
    pub fn base(&self) -> String {
        format!("ws://{}", self.address)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stopping.store(true, Ordering::Release);
        // Wakes the thread from its waiting for a connection.
        let woken = TcpStream::connect_timeout(&self.address, Duration::from_secs(1));
        if let (Ok(_), Some(listening)) = (woken, self.listening.take()) {
            let _ = listening.join();
        }
    }
}

fn listen(listener: &TcpListener, stop: &AtomicBool) {
    let store = Arc::new(Store::default());
    for stream in listener.incoming() {
        if stop.load(Ordering::Acquire) {
            return;
        }
        let Ok(stream) = stream else {
            // Out of file descriptors, for one: they come back.
            thread::sleep(Duration::from_millis(10));
            continue;
        };
        let store = Arc::clone(&store);
        let _ = thread::Builder::new()
            .name("support connection".to_owned())
            .spawn(move || route(stream, &store));
    }
}
