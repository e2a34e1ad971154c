//! TLS in front of a server that has none.

use std::net::{Ipv4Addr, Shutdown, SocketAddr};
use std::pin::Pin;

use async_std::channel::{self, Receiver, Sender};
use async_std::net::{TcpListener, TcpStream};
use async_std::task;
use futures::{AsyncReadExt, AsyncWriteExt, io};
use openssl::error::ErrorStack;
use openssl::nid::Nid;
use openssl::pkey::PKey;
use openssl::ssl::{
    Error, ErrorCode, NameType, Ssl, SslContext, SslContextBuilder, SslMethod, SslRef,
    SslVerifyMode, SslVersion,
};
use openssl::x509::X509;
use openssl::x509::store::X509StoreBuilder;
use qwebsocket::TlsConfig;
use tokio_openssl::SslStream;
use tokio_util::compat::{FuturesAsyncReadCompatExt, TokioAsyncReadCompatExt};

use crate::tls::{Authority, Pem, params};

/// Takes TLS and passes on what is in it. It tells what it sees, in words:
///
/// | word | meaning |
/// |---|---|
/// | `accepted` | a client has come |
/// | `secure VERSION sni=NAME client=NAME` | the handshake is done |
/// | `failed REASON` | it is not; for an alert of the client OpenSSL's name of it |
/// | `data` | the first bytes of HTTP are there |
/// | `close_notify` | the client has ended TLS in order |
/// | `lost REASON` | it has not |
pub(crate) struct TlsFront {
    address: SocketAddr,
    seen: Receiver<String>,
    trusted: TlsConfig,
}

/// How the end of the server behind it is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    /// As TLS has it, by `close_notify`.
    Told,
    /// TCP ends without a word.
    Cut,
}

impl TlsFront {
    /// For `localhost` and 127.0.0.1, in front of the server at this `HOST:PORT`.
    pub(crate) fn of(server: &str) -> TlsFront {
        let authority = Authority::new("front");
        let pem = authority.pem(params(&["localhost", "127.0.0.1"]));
        let mut front = TlsFront::with(shows(&pem), Ending::Told, server);
        front.trusted = authority.trusted();
        front
    }

    pub(crate) fn with(context: SslContextBuilder, ending: Ending, server: &str) -> TlsFront {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0));
        let listener = task::block_on(listener).unwrap();
        let address = listener.local_addr().unwrap();
        let (told, seen) = channel::unbounded();
        let front = Front {
            context: context.build(),
            ending,
            server: server.to_owned(),
            told,
        };
        task::spawn(front.serve(listener));
        TlsFront {
            address,
            seen,
            trusted: TlsConfig::new(),
        }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(crate) fn port(&self) -> u16 {
        self.address.port()
    }

    /// What the front of [`of`](Self::of) is trusted by, and nobody else.
    pub(crate) fn trusted(&self) -> TlsConfig {
        self.trusted.clone()
    }

    /// The next that it sees.
    pub(crate) async fn saw(&self) -> String {
        self.seen.recv().await.expect("it serves")
    }

    /// Waits for a client that ends TLS in order; any other end is a failure.
    pub(crate) async fn saw_close_notify(&self) {
        loop {
            match self.saw().await.as_str() {
                "close_notify" => return,
                word => assert!(
                    !word.starts_with("lost") && !word.starts_with("failed"),
                    "{word}"
                ),
            }
        }
    }

    /// What it has seen and not told.
    pub(crate) fn has_seen(&self) -> Vec<String> {
        std::iter::from_fn(|| self.seen.try_recv().ok()).collect()
    }
}

/// A server that shows this, and takes whatever OpenSSL can do.
pub(crate) fn shows(pem: &Pem) -> SslContextBuilder {
    let mut context = obsolete();
    let key = PKey::private_key_from_pem(pem.key.as_bytes()).unwrap();
    let chain = X509::stack_from_pem(pem.chain.as_bytes()).unwrap();
    let (own, others) = chain.split_first().unwrap();
    context.set_certificate(own).unwrap();
    for other in others {
        context.add_extra_chain_cert(other.clone()).unwrap();
    }
    context.set_private_key(&key).unwrap();
    context
}

/// A server that shows nothing yet.
pub(crate) fn obsolete() -> SslContextBuilder {
    let mut context = SslContext::builder(SslMethod::tls_server()).unwrap();
    context.set_cipher_list("ALL:@SECLEVEL=0").unwrap();
    context.set_min_proto_version(None).unwrap();
    context
}

/// Lets it speak this version only.
pub(crate) fn only(context: &mut SslContextBuilder, version: SslVersion) {
    context.set_min_proto_version(Some(version)).unwrap();
    context.set_max_proto_version(Some(version)).unwrap();
}

/// Lets it demand a certificate of this authority.
pub(crate) fn demand(context: &mut SslContextBuilder, authority: &Authority) {
    let root = X509::from_pem(authority.root().as_bytes()).unwrap();
    let mut store = X509StoreBuilder::new().unwrap();
    store.add_cert(root.clone()).unwrap();
    context.set_verify_cert_store(store.build()).unwrap();
    context.add_client_ca(&root).unwrap();
    context.set_verify(SslVerifyMode::PEER | SslVerifyMode::FAIL_IF_NO_PEER_CERT);
    // OpenSSL wants it where sessions of clients with certificates are resumed.
    context.set_session_id_context(b"front").unwrap();
}

#[derive(Clone)]
struct Front {
    context: SslContext,
    ending: Ending,
    server: String,
    told: Sender<String>,
}

impl Front {
    async fn serve(self, listener: TcpListener) {
        while let Ok((stream, _)) = listener.accept().await {
            let front = self.clone();
            task::spawn(async move {
                front.tell("accepted");
                front.pass_on(stream).await.ok();
            });
        }
    }

    async fn pass_on(&self, stream: TcpStream) -> io::Result<()> {
        let ssl = Ssl::new(&self.context)?;
        let mut stream = SslStream::new(ssl, stream.compat())?;
        if let Err(error) = Pin::new(&mut stream).accept().await {
            self.tell(&format!("failed {}", why(&error)));
            return Ok(());
        }
        self.tell(&secured(stream.ssl()));
        let (mut from_client, mut to_client) = TokioAsyncReadCompatExt::compat(stream).split();
        let server = TcpStream::connect(&self.server).await?;
        // Whoever takes nothing more may still have something to tell: errors of writing end nothing.
        let there = async {
            let mut buffer = vec![0; 1 << 14];
            let mut is_first = true;
            loop {
                match from_client.read(&mut buffer).await {
                    Ok(0) => self.tell("close_notify"),
                    Ok(length) => {
                        if is_first {
                            self.tell("data");
                        }
                        is_first = false;
                        let _ = (&server).write_all(&buffer[..length]).await;
                        continue;
                    }
                    Err(error) => self.tell(&format!("lost {}", cause(&error))),
                }
                // `close` of this stream only flushes.
                let _ = server.shutdown(Shutdown::Write);
                return Ok(());
            }
        };
        let back = async {
            let _ = io::copy(&server, &mut to_client).await;
            match self.ending {
                Ending::Told => {
                    let _ = to_client.close().await;
                    Ok(())
                }
                Ending::Cut => Err(io::ErrorKind::ConnectionAborted.into()),
            }
        };
        futures::try_join!(there, back).map(drop)
    }

    fn tell(&self, word: &str) {
        // The test may be over.
        let _ = self.told.try_send(word.to_owned());
    }
}

fn secured(ssl: &SslRef) -> String {
    let certificate = ssl.peer_certificate();
    let client = certificate.and_then(|certificate| {
        let name = certificate.subject_name();
        let entry = name.entries_by_nid(Nid::COMMONNAME).next()?;
        entry.data().to_string().ok()
    });
    format!(
        "secure {} sni={} client={}",
        ssl.version_str(),
        ssl.servername(NameType::HOST_NAME).unwrap_or("-"),
        client.as_deref().unwrap_or("-"),
    )
}

fn why(error: &Error) -> String {
    let stack = error.ssl_error().map(ErrorStack::errors);
    match (stack.and_then(|errors| errors.first()), error.code()) {
        (Some(error), _) => error.reason().unwrap_or("?").to_owned(),
        (None, ErrorCode::SYSCALL) => "end".to_owned(),
        (None, _) => error.to_string(),
    }
}

fn cause(error: &io::Error) -> String {
    let inner = error.get_ref().and_then(|inner| inner.downcast_ref());
    inner.map_or_else(|| error.to_string(), why)
}
