//! The examples of this package, each with a client of this crate.

#[path = "../examples/axum.rs"]
#[allow(dead_code)] // Their `main` is not called.
mod axum_example;
#[path = "../examples/chat.rs"]
#[allow(dead_code)]
mod chat_example;
#[path = "../examples/hyper_client.rs"]
#[allow(dead_code)]
mod hyper_client;
#[path = "../examples/hyper_server.rs"]
#[allow(dead_code)]
mod hyper_server;
#[path = "../examples/listener.rs"]
#[allow(dead_code)]
mod listener_example;
#[path = "../examples/poem.rs"]
#[allow(dead_code)]
mod poem_example;
#[path = "../examples/typed.rs"]
#[allow(dead_code)]
mod typed_example;

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use futures::{SinkExt, StreamExt};
use http_body_util::{BodyExt, Empty};
use hyper::body::Bytes;
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use poem::listener::Acceptor;
use qwebsocket::prelude::*;
use qwebsocket::{Compression, ErrorKind, FromTokio, Listener, Options, Role, TypedError};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore, ServerConfig};
use tokio_rustls::{TlsAcceptor, TlsConnector};
use typed_example::shop::{Cart, Command, Postcard, shop};

async fn bound() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    (listener, address)
}

async fn served_by_axum(app: Router) -> SocketAddr {
    let (listener, address) = bound().await;
    tokio::spawn(async { axum::serve(listener, app).await });
    address
}

async fn axum_server() -> SocketAddr {
    served_by_axum(axum_example::app()).await
}

async fn hyper_server() -> SocketAddr {
    let (listener, address) = bound().await;
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(hyper_server::serve(stream));
        }
    });
    address
}

async fn own_server() -> SocketAddr {
    let listener = Listener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_address();
    tokio::spawn(listener_example::serve(listener));
    address
}

async fn poem_server() -> SocketAddr {
    let (listener, address) = bound().await;
    let acceptor = poem::listener::TcpAcceptor::from_tokio(listener).unwrap();
    assert!(!acceptor.local_addr().is_empty());
    tokio::spawn(poem::Server::new_with_acceptor(acceptor).run(poem_example::app()));
    address
}

/// Sends a small and a large message, gets both back, and closes.
async fn echoes(socket: &Socket) {
    for text in ["hello".to_owned(), "long ".repeat(100_000)] {
        socket.send_text(text.clone()).unwrap();
        loop {
            match socket.next_event().await.expect("an echo") {
                Event::Message(message) => {
                    assert_eq!(message, Message::from(text));
                    break;
                }
                Event::Error(error) => panic!("{error}"),
                _ => {}
            }
        }
    }
    socket.close_with(CloseCode::NORMAL).unwrap();
    while socket.next_event().await.is_some() {}
    let closed = socket.peer_close().expect("an answer to our close frame");
    assert_eq!(closed.code(), CloseCode::NORMAL);
}

/// Status and body of a `GET`.
async fn page<S>(stream: S, path: &str) -> (u16, Bytes)
where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream))
        .await
        .unwrap();
    tokio::spawn(connection);
    let request = hyper::Request::get(path)
        .header("Host", "localhost")
        .body(Empty::<Bytes>::new())
        .unwrap();
    let response = sender.send_request(request).await.unwrap();
    let status = response.status().as_u16();
    (status, response.collect().await.unwrap().to_bytes())
}

#[tokio::test]
async fn each_framework_has_pages_beside_a_socket() {
    for address in [
        axum_server().await,
        hyper_server().await,
        poem_server().await,
    ] {
        let to = || async move { TcpStream::connect(address).await.unwrap() };
        assert_eq!(page(to().await, "/").await, (200, "a page".into()));
        // RFC 9110 §15.5.22: who asks for no WebSocket hears that there is one.
        assert_eq!(page(to().await, "/ws").await.0, 426);
        let socket = Socket::connect(format!("ws://{address}/ws")).await.unwrap();
        assert_eq!(socket.info().extensions(), "");
        echoes(&socket).await;
    }
}

#[tokio::test]
async fn the_librarys_own_listener_serves_on_tokio() {
    let url = format!("ws://{}/", own_server().await);
    echoes(&Socket::connect(url).await.unwrap()).await;
}

#[tokio::test]
async fn axum_compresses() {
    let url = format!("ws://{}/ws", axum_server().await);
    let options = Options::new().compression(Compression::new());
    let socket = Socket::connect_with(url, options).await.unwrap();
    assert_eq!(socket.info().extensions(), "permessage-deflate");
    echoes(&socket).await;
}

#[tokio::test]
async fn a_client_over_hyper_is_a_socket_like_others() {
    for address in [axum_server().await, hyper_server().await] {
        let stream = TcpStream::connect(address).await.unwrap();
        let url = format!("ws://{address}/ws?a");
        let options = Options::new().compression(Compression::new());
        let socket = hyper_client::connect(stream, &url, options).await.unwrap();
        let info = socket.info();
        assert_eq!((info.request_url(), info.resource_name()), (&*url, "/ws?a"));
        assert_eq!(info.headers().get("Upgrade"), Some("websocket"));
        echoes(&socket).await;
    }
}

#[tokio::test]
async fn a_client_over_hyper_hears_of_a_refusal() {
    let address = axum_server().await;
    let stream = TcpStream::connect(address).await.unwrap();
    let url = format!("ws://{address}/nowhere");
    let error = hyper_client::connect(stream, &url, Options::new())
        .await
        .unwrap_err();
    let error = error.downcast::<qwebsocket::Error>().unwrap();
    assert_eq!(error.kind(), ErrorKind::Handshake);
    assert_eq!(error.response().unwrap().status(), 404);
}

/// TLS in front of axum, whose connections it then never sees as TCP.
#[tokio::test]
async fn axum_works_behind_rustls() {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
    let server = ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key)
        .unwrap();
    let mut roots = RootCertStore::empty();
    roots.add(made.cert.der().clone()).unwrap();
    let client = ClientConfig::builder()
        .with_root_certificates(roots)
        .with_no_client_auth();

    let (listener, address) = bound().await;
    let acceptor = TlsAcceptor::from(Arc::new(server));
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                let stream = TokioIo::new(acceptor.accept(stream).await.unwrap());
                let service = TowerToHyperService::new(axum_example::app());
                let connection = hyper::server::conn::http1::Builder::new();
                let connection = connection.serve_connection(stream, service);
                let _ = connection.with_upgrades().await;
            });
        }
    });

    let connector = TlsConnector::from(Arc::new(client));
    let to = || async {
        let name = ServerName::try_from("localhost").unwrap();
        let stream = TcpStream::connect(address).await.unwrap();
        connector.connect(name, stream).await.unwrap()
    };
    assert_eq!(page(to().await, "/").await, (200, "a page".into()));
    let options = Options::new().compression(Compression::new());
    let stream = FromTokio(to().await);
    let socket = Socket::connect_over(stream, "ws://localhost/ws", options);
    let socket = socket.await.unwrap();
    assert_eq!(socket.info().extensions(), "permessage-deflate");
    echoes(&socket).await;
}

/// Two ends of a pipe of tokio's, without any handshake.
#[tokio::test]
async fn what_needs_no_handshake_is_a_socket_on_either_side() {
    let (left, right) = tokio::io::duplex(1000);
    let end = |stream, role| {
        let negotiated = qwebsocket::Negotiated::new(role);
        Socket::upgraded(FromTokio(stream), negotiated, Options::new()).unwrap()
    };
    let (client, server) = (end(left, Role::Client), end(right, Role::Server));
    let answers = tokio::spawn(async move {
        while let Some(event) = server.next_event().await {
            if let Event::Message(message) = event {
                server.send(message).unwrap();
            }
        }
    });
    echoes(&client).await;
    answers.await.unwrap();
}

fn tea(count: u32) -> Command {
    let item = "tea".to_owned();
    Command::Add { item, count }
}

fn cart(counts: &[u32]) -> Cart {
    let items = counts.iter().map(|count| ("tea".to_owned(), *count));
    Cart {
        items: items.collect(),
    }
}

#[tokio::test]
async fn values_go_over_axum() {
    let url = format!("ws://{}/shop", served_by_axum(typed_example::app()).await);
    let mut shop = shop(Socket::connect(url).await.unwrap(), Postcard);
    for (command, expected) in [
        (tea(2), cart(&[2])),
        (tea(1), cart(&[2, 1])),
        (Command::Clear, cart(&[])),
    ] {
        shop.send(command).await.unwrap();
        assert_eq!(shop.next().await.unwrap().unwrap(), expected);
    }
    SinkExt::close(&mut shop).await.unwrap();
    assert!(shop.next().await.is_none());
}

/// A way to `server` that loses its first connection when it is told to.
async fn losing(server: SocketAddr) -> (SocketAddr, oneshot::Sender<()>) {
    let (listener, address) = bound().await;
    let (lose, lost) = oneshot::channel();
    tokio::spawn(async move {
        let mut first = Some(lost);
        while let Ok((mut client, _)) = listener.accept().await {
            let mut server = TcpStream::connect(server).await.unwrap();
            let lost = first.take();
            tokio::spawn(async move {
                let lost = async { lost?.await.ok() };
                tokio::select! {
                    _ = tokio::io::copy_bidirectional(&mut client, &mut server) => {}
                    Some(()) = lost => {}
                }
            });
        }
    });
    (address, lose)
}

#[tokio::test]
async fn values_go_on_over_axum_behind_a_lost_connection() {
    let (address, lose) = losing(served_by_axum(typed_example::app()).await).await;
    let mut shop = typed_example::connect(&format!("ws://{address}/shop"));
    shop.send(tea(2)).await.unwrap();
    assert_eq!(shop.next().await.unwrap().unwrap(), cart(&[2]));
    lose.send(()).unwrap();
    let lost = shop.next().await.unwrap().unwrap_err();
    assert!(matches!(lost, TypedError::Socket(_)), "{lost:?}");
    // Another connection, for which the server has another cart.
    shop.send(tea(1)).await.unwrap();
    assert_eq!(shop.next().await.unwrap().unwrap(), cart(&[1]));
    SinkExt::close(&mut shop).await.unwrap();
    assert!(shop.next().await.is_none());
}

#[tokio::test]
async fn what_one_says_on_axum_all_hear() {
    let url = format!("ws://{}/chat", served_by_axum(chat_example::app()).await);
    let hears = async |socket: &Socket| socket.next_message().await.unwrap().unwrap();
    let first = Socket::connect(&*url).await.unwrap();
    assert_eq!(hears(&first).await, "somebody is here".into());
    let second = Socket::connect(&*url).await.unwrap();
    for socket in [&first, &second] {
        assert_eq!(hears(socket).await, "somebody is here".into());
    }
    second.send_text("hello").unwrap();
    second.flush().await.unwrap();
    for socket in [&first, &second] {
        assert_eq!(hears(socket).await, "hello".into());
    }
    second.close_and_wait(CloseCode::NORMAL).await.unwrap();
    assert_eq!(hears(&first).await, "somebody has left".into());
}
