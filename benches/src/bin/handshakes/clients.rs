//! Who connects: ourselves by each library of TLS, and others. What connections can share is made once.

use std::any::Any;
use std::net::Ipv4Addr;
use std::sync::Arc;

use anyhow::{Context, Result};
use qwebsocket::{Options, Socket, TlsConfig, TlsLibrary, WebSocket};
use rustls::client::Resumption;
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, HandshakeKind, RootCertStore};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_tungstenite::{Connector, MaybeTlsStream, client_async, connect_async_tls_with_config};

pub(crate) const NATIVE_TLS: &str = "qwebsocket, native-tls";
pub(crate) const OPENSSL: &str = "qwebsocket, OpenSSL";
pub(crate) const RUSTLS: &str = "qwebsocket, rustls";
pub(crate) const PEER_NATIVE_TLS: &str = "tokio-tungstenite, native-tls";
pub(crate) const PEER_RUSTLS: &str = "tokio-tungstenite, rustls";
/// The opening handshake of WebSocket is tungstenite's.
pub(crate) const DIRECT: &str = "tokio-rustls directly";

/// Makes connections by one library.
pub(crate) struct Client {
    pub(crate) name: &'static str,
    by: By,
}

enum By {
    Us(Options),
    TokioTungstenite(Connector),
    TokioRustls(TlsConnector),
}

/// A connection that is there until this is dropped.
pub(crate) struct Connected {
    _socket: Box<dyn Any>,
    /// If the library tells.
    pub(crate) is_resumed: Option<bool>,
}

/// All of them, of whom those who cannot resume are left out where sessions are resumed.
pub(crate) fn all(root: &str, resumption: bool) -> Result<Vec<Client>> {
    let mut clients = vec![
        us(OPENSSL, TlsLibrary::OpenSsl, root, resumption)?,
        us(RUSTLS, TlsLibrary::Rustls, root, resumption)?,
    ];
    // Each has sessions of its own.
    let connector = Connector::Rustls(rustls_config(root, resumption)?.into());
    clients.push(client(PEER_RUSTLS, By::TokioTungstenite(connector)));
    let connector = TlsConnector::from(Arc::new(rustls_config(root, resumption)?));
    clients.push(client(DIRECT, By::TokioRustls(connector)));
    if !resumption {
        clients.push(us(NATIVE_TLS, TlsLibrary::NativeTls, root, resumption)?);
        let mut builder = native_tls::TlsConnector::builder();
        builder
            .add_root_certificate(native_tls::Certificate::from_pem(root.as_bytes())?)
            .disable_built_in_roots(true);
        let connector = Connector::NativeTls(builder.build()?);
        clients.push(client(PEER_NATIVE_TLS, By::TokioTungstenite(connector)));
    }
    Ok(clients)
}

fn client(name: &'static str, by: By) -> Client {
    Client { name, by }
}

fn us(name: &'static str, library: TlsLibrary, root: &str, resumption: bool) -> Result<Client> {
    let tls = TlsConfig::new()
        .library(library)
        .system_roots(false)
        .root_pem(root)
        .resumption(resumption);
    Ok(client(name, By::Us(Options::new().tls(tls).build()?)))
}

/// With the provider that is ours.
fn rustls_config(root: &str, resumption: bool) -> Result<ClientConfig> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(root.as_bytes())?)?;
    let provider = Arc::new(ring::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    if !resumption {
        config.resumption = Resumption::disabled();
    }
    Ok(config)
}

impl Client {
    pub(crate) async fn connect(&self, port: u16) -> Result<Connected> {
        let url = format!("wss://127.0.0.1:{port}/");
        match &self.by {
            By::Us(options) => {
                let socket = Socket::connect_with(url, options.clone()).await?;
                let info = socket.info();
                let tls = info.tls().context("the connection has TLS")?;
                Ok(Connected::new(tls.resumed(), socket))
            }
            By::TokioTungstenite(connector) => {
                let connector = Some(connector.clone());
                let connecting = connect_async_tls_with_config(url, None, true, connector);
                let (socket, _) = connecting.await?;
                let is_resumed = match socket.get_ref() {
                    MaybeTlsStream::Rustls(tls) => Some(is_resumed(tls.get_ref().1)),
                    _ => None,
                };
                Ok(Connected::new(is_resumed, socket))
            }
            By::TokioRustls(connector) => {
                let tcp = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await?;
                tcp.set_nodelay(true)?;
                let name = ServerName::from(std::net::IpAddr::from(Ipv4Addr::LOCALHOST));
                let tls = connector.connect(name, tcp).await?;
                let (socket, _) = client_async(url, tls).await?;
                let is_resumed = is_resumed(socket.get_ref().get_ref().1);
                Ok(Connected::new(Some(is_resumed), socket))
            }
        }
    }
}

impl Connected {
    fn new(is_resumed: Option<bool>, socket: impl Any) -> Connected {
        Connected {
            _socket: Box::new(socket),
            is_resumed,
        }
    }
}

fn is_resumed(tls: &ClientConnection) -> bool {
    tls.handshake_kind() == Some(HandshakeKind::Resumed)
}
