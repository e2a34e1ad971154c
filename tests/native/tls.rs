//! `wss`, with certificates of our own, and what a configuration of TLS can say.

mod authority;
mod broken;
#[cfg(any(feature = "native-tls", feature = "openssl", feature = "rustls"))]
mod certificates;
mod identity;
mod matrix;
mod names;
mod pins;
mod programs;
mod reasons;
mod renegotiation;
mod server;
mod tables;
mod trust;

/// What `native-tls` cannot do, by the library that is chosen by itself.
#[cfg(any(feature = "openssl", feature = "rustls"))]
mod more {
    mod agreed;
    mod alerts;
    mod decisions;
    #[cfg(feature = "openssl")]
    mod encrypted;
    mod info;
    #[cfg(feature = "openssl")]
    mod keys;
    mod panics;
    #[cfg(feature = "rustls")]
    mod ready;
    mod sessions;
}

use std::sync::LazyLock;

use ::openssl::ssl::SslContextBuilder;
use futures::StreamExt;
use qwebsocket::{
    Error, ErrorKind, Event, Features, Listener, Options, Socket, TlsConfig, TlsLibrary, WebSocket,
};
use support::Server;

pub(crate) use self::authority::{Authority, Files, Pem, named, params, temporary};
use crate::common::{Counterpart, Peer, message};
use crate::conformance::cases::notation;
use crate::tls_front::{Ending, TlsFront};

/// The libraries that are compiled in.
pub(crate) const LIBRARIES: &[TlsLibrary] = &[
    #[cfg(feature = "native-tls")]
    TlsLibrary::NativeTls,
    #[cfg(feature = "openssl")]
    TlsLibrary::OpenSsl,
    #[cfg(feature = "rustls")]
    TlsLibrary::Rustls,
];

/// A listener of ours that speaks TLS, with a certificate that nobody trusts.
async fn secure_listener(library: TlsLibrary) -> Listener {
    let identity = Authority::new("authority")
        .pem(params(&["localhost"]))
        .identity();
    let tls = TlsConfig::new().library(library).identity(identity);
    let options = Options::new().tls(tls);
    Listener::bind_with("127.0.0.1:0", options).await.unwrap()
}

/// A server of somebody else that shows this certificate.
fn serve(peer: Peer, files: &Files, version: Option<&str>) -> (Counterpart, u16) {
    let mut arguments: Vec<&str> = files.iter().map(String::as_str).collect();
    arguments.extend(version);
    Counterpart::server(peer, &arguments)
}

/// `HOST:PORT` of a server that echoes, without TLS.
fn echo() -> String {
    static SERVER: LazyLock<Server> = LazyLock::new(Server::start);
    SERVER.address().to_string()
}

/// TLS in front of it, where every client runs the echo's script.
pub(crate) fn front(context: SslContextBuilder) -> TlsFront {
    TlsFront::with(context, Ending::Told, &echo())
}

/// The URL of the echo behind a front.
fn url(front: &TlsFront) -> String {
    format!("wss://localhost:{}/run/echo", front.port())
}

fn socket(tls: TlsConfig) -> Socket {
    Socket::with_options(Options::new().tls(tls)).unwrap()
}

/// A socket that connects to the echo.
fn open(tls: TlsConfig, front: &TlsFront) -> Socket {
    let socket = socket(tls);
    socket.open(url(front).into()).unwrap();
    socket
}

/// A connection to the echo, which it is.
async fn connect(tls: TlsConfig, front: &TlsFront) -> Result<Socket, Error> {
    let socket = Socket::connect_with(url(front), Options::new().tls(tls)).await?;
    socket.send("hello".into()).unwrap();
    assert_eq!(message(&socket).await, "hello".into());
    Ok(socket)
}

/// The next event in the words of the cases.
async fn word(socket: &mut Socket) -> Option<String> {
    loop {
        match socket.next().await? {
            Event::BytesWritten(_) => {}
            event => return Some(notation::event(&event)),
        }
    }
}

/// The events up to the end.
async fn rest(socket: &mut Socket) -> Vec<String> {
    let mut words = Vec::new();
    while let Some(word) = word(socket).await {
        words.push(word);
    }
    words
}

/// The configuration is refused: what is wrong with it.
fn invalid(tls: TlsConfig) -> String {
    let error = Options::new().tls(tls).build().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput, "{error}");
    error.to_string()
}

/// What `native-tls` lacks is said by each part that needs it.
#[cfg(feature = "native-tls")]
#[test]
fn what_a_library_lacks_is_said() {
    let tls = || TlsConfig::new().library(TlsLibrary::NativeTls);
    check_lacking(tls);
    for (tls, feature) in [
        (tls().ask_errors(true), Features::TLS_ERRORS),
        (tls().danger().query_peer(), Features::TLS_ERRORS),
        (tls().interrupt_on_error(true), Features::TLS_INTERRUPTION),
        (tls().depth(1), Features::TLS_CHAIN),
        (tls().revocation_list_pem(""), Features::TLS_CHAIN),
        (tls().alpn(["http/1.1"]), Features::ALPN),
        (tls().danger().key_log(|_| {}), Features::TLS_KEY_LOG),
        (
            tls().client_certificates(qwebsocket::ClientCertificates::Optional),
            Features::CLIENT_CERTIFICATES,
        ),
    ] {
        lacks(tls, feature);
    }
}

/// So is what rustls lacks.
#[cfg(feature = "rustls")]
#[test]
fn what_rustls_lacks_is_said() {
    check_lacking(|| TlsConfig::new().library(TlsLibrary::Rustls));
}

/// What only OpenSSL has.
#[cfg(any(feature = "native-tls", feature = "rustls"))]
fn check_lacking(tls: impl Fn() -> TlsConfig) {
    let encrypted = Pem::self_signed(params(&[])).identity().password("secret");
    for (tls, feature) in [
        (tls().pre_shared_key(|_| None), Features::PRE_SHARED_KEY),
        (tls().ciphers("DEFAULT"), Features::TLS_CIPHERS),
        (
            tls().cipher_suites("TLS_AES_128_GCM_SHA256"),
            Features::TLS_CIPHERS,
        ),
        (tls().groups("P-256"), Features::TLS_CIPHERS),
        (
            tls().danger().min_version(qwebsocket::TlsVersion::Tls1_1),
            Features::TLS_CIPHERS,
        ),
        (tls().identity(encrypted), Features::ENCRYPTED_KEY),
    ] {
        lacks(tls, feature);
    }
}

#[cfg(any(feature = "native-tls", feature = "rustls"))]
fn lacks(tls: TlsConfig, feature: Features) {
    let error = Options::new().tls(tls.clone()).build().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported(feature), "{tls:?}");
}

/// Of a library that is not compiled in nothing works.
#[test]
fn a_library_has_to_be_there() {
    for library in [
        TlsLibrary::NativeTls,
        TlsLibrary::OpenSsl,
        TlsLibrary::Rustls,
    ] {
        let tls = TlsConfig::new().library(library);
        let built = Options::new().tls(tls).build();
        if LIBRARIES.contains(&library) {
            drop(built.unwrap());
            continue;
        }
        let error = built.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unsupported(Features::TLS_CONFIG));
    }
}
