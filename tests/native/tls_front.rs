//! TLS in front of a server that has none.

use std::net::{Shutdown, SocketAddr};

use async_native_tls::TlsAcceptor;
use async_std::net::{TcpListener, TcpStream};
use async_std::task::{self, JoinHandle};
use futures::{AsyncReadExt, AsyncWriteExt, io};
use native_tls::Identity;
use qwebsocket::TlsConfig;

use crate::tls::{Authority, params};

/// Takes TLS for `localhost` and 127.0.0.1, as long as it lives, and passes on what is in it.
pub(crate) struct TlsFront {
    address: SocketAddr,
    authority: Authority,
    _serving: JoinHandle<()>,
}

impl TlsFront {
    /// In front of the server at this `HOST:PORT`.
    pub(crate) fn of(server: &str) -> TlsFront {
        let authority = Authority::new("front");
        let [certificate, key] = authority.pem(params(&["localhost", "127.0.0.1"]));
        let identity = Identity::from_pkcs8(certificate.as_bytes(), key.as_bytes()).unwrap();
        let acceptor = native_tls::TlsAcceptor::new(identity).unwrap();
        let listener = task::block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        TlsFront {
            address: listener.local_addr().unwrap(),
            authority,
            _serving: task::spawn(serve(listener, acceptor.into(), server.to_owned())),
        }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(crate) fn port(&self) -> u16 {
        self.address.port()
    }

    /// Trusts it, and nobody else.
    pub(crate) fn trusted(&self) -> TlsConfig {
        self.authority.trusted()
    }
}

async fn serve(listener: TcpListener, acceptor: TlsAcceptor, server: String) {
    while let Ok((stream, _)) = listener.accept().await {
        let (acceptor, server) = (acceptor.clone(), server.clone());
        // Who gives up, on either side, is missed on the other.
        task::spawn(async move { pass_on(stream, &acceptor, &server).await.ok() });
    }
}

async fn pass_on(stream: TcpStream, acceptor: &TlsAcceptor, server: &str) -> io::Result<()> {
    let accepting = acceptor.accept(stream).await;
    let (mut from_client, mut to_client) = accepting.map_err(io::Error::other)?.split();
    let server = TcpStream::connect(server).await?;
    let there = async {
        io::copy(&mut from_client, &mut &server).await?;
        // `close` of this stream only flushes.
        server.shutdown(Shutdown::Write)
    };
    let back = async {
        io::copy(&server, &mut to_client).await?;
        to_client.close().await
    };
    futures::try_join!(there, back).map(drop)
}
