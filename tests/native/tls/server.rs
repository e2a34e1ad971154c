//! The server's side: a `Listener` with TLS, against clients that nobody here wrote and our own.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};

use ::openssl::ssl::{SslConnector, SslMethod, SslVerifyMode};
use async_std::net::TcpStream;
use futures::future::join;
use futures::{AsyncReadExt, StreamExt};
use qwebsocket::{ErrorKind, Listener, Options, Socket, TlsConfig, WebSocket, WebSocketExt};

use super::{Authority, LIBRARIES, Pem, params, temporary};
use crate::common::{Counterpart, Peer, fail, message, run};
use crate::server::REQUEST;

/// A listener with this certificate, and its port.
async fn listen(tls: TlsConfig) -> (Listener, u16) {
    let options = Options::new().tls(tls);
    let listener = Listener::bind_with("127.0.0.1:0", options).await.unwrap();
    let port = listener.local_address().port();
    (listener, port)
}

/// Accepts one connection.
async fn accept(listener: &mut Listener) -> Result<Socket, qwebsocket::Error> {
    let incoming = listener.next().await.unwrap()?.await?;
    let subprotocol = incoming.subprotocols().next().map(str::to_owned);
    let socket = incoming.accept(subprotocol.as_deref()).await?;
    assert!(socket.info().tls().is_some());
    assert!(socket.request_url().starts_with("wss://localhost"));
    Ok(socket)
}

/// What leads to trust: the authority's own certificate as a file.
fn root_file(authority: &Authority, test: &str) -> String {
    let path = temporary(&format!("{test}.root.pem"));
    fs::write(&path, authority.root()).unwrap();
    path
}

#[test]
fn others_connect_to_it() {
    let authority = Authority::new("authority");
    let pem = authority.pem(params(&["localhost"]));
    let root = root_file(&authority, "listener");
    for library in LIBRARIES {
        for peer in [Peer::Node, Peer::Python] {
            run(async {
                let tls = TlsConfig::new().library(*library).identity(pem.identity());
                let (mut listener, port) = listen(tls).await;
                let url = format!("wss://localhost:{port}/chat");
                let client = Counterpart::secure_client(peer, &url, "stay", &[&root]);
                let socket = accept(&mut listener).await.unwrap();
                assert_eq!(message(&socket).await, "stay".into());
                socket.close(Default::default()).unwrap();
                while socket.next_event().await.is_some() {}
                let lines = client.lines();
                assert_eq!(lines.last().unwrap(), "closed 1000 ", "{lines:?}");
            });
        }
    }
}

/// `openssl s_client` speaks no WebSocket: the request goes in by its standard input.
#[test]
fn s_client_connects_to_it() {
    let authority = Authority::new("authority");
    let pem = authority.pem(params(&["localhost"]));
    let root = root_file(&authority, "s_client");
    for library in LIBRARIES {
        let tls = TlsConfig::new().library(*library).identity(pem.identity());
        run(async {
            let (mut listener, port) = listen(tls).await;
            let mut client = Command::new("openssl")
                .args([
                    "s_client",
                    "-quiet",
                    "-verify_return_error",
                    "-CAfile",
                    &root,
                ])
                .args(["-servername", "localhost", "-verify_hostname", "localhost"])
                .arg("-connect")
                .arg(format!("127.0.0.1:{port}"))
                .stdin(Stdio::piped())
                .stdout(Stdio::piped())
                .stderr(Stdio::null())
                .spawn()
                .unwrap();
            let mut input = client.stdin.take().unwrap();
            input
                .write_all(format!("{REQUEST}\r\n").as_bytes())
                .unwrap();
            let incoming = listener.next().await.unwrap().unwrap().await.unwrap();
            let _socket = incoming.accept(None).await.unwrap();
            let mut line = String::new();
            let mut output = BufReader::new(client.stdout.take().unwrap());
            output.read_line(&mut line).unwrap();
            assert_eq!(line, "HTTP/1.1 101 Switching Protocols\r\n");
            client.kill().unwrap();
            client.wait().unwrap();
        });
    }
}

#[test]
fn our_own_client_connects_to_it() {
    let authority = Authority::new("authority");
    let pem = authority.pem(params(&["localhost"]));
    for server in LIBRARIES {
        for client in LIBRARIES {
            let tls = TlsConfig::new().library(*server).identity(pem.identity());
            run(async {
                let (mut listener, port) = listen(tls).await;
                let url = format!("wss://localhost:{port}/");
                let options = Options::new().tls(authority.trusted().library(*client));
                let (client, server) =
                    join(Socket::connect_with(url, options), accept(&mut listener)).await;
                let (client, server) = (client.unwrap(), server.unwrap());
                client.send("hello".into()).unwrap();
                let (sent, received) = join(client.next_event(), message(&server)).await;
                assert!(sent.is_some());
                assert_eq!(received, "hello".into());
            });
        }
    }
}

/// Who does not trust it, or speaks no TLS, is one error there.
#[test]
fn a_client_that_goes_is_one_error() {
    let pem = Pem::self_signed(params(&["localhost"]));
    for library in LIBRARIES {
        let tls = TlsConfig::new().library(*library).identity(pem.identity());
        run(async {
            let (mut listener, port) = listen(tls).await;
            let url = format!("wss://localhost:{port}/");
            let socket = Socket::new();
            let accepting = async { listener.next().await.unwrap().unwrap().await };
            let (error, accepted) = join(fail(&socket, url), accepting).await;
            assert_eq!(error.kind(), ErrorKind::Tls);
            let error = accepted.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Tls, "{error}");

            let url = format!("ws://localhost:{port}/");
            let accepting = async { listener.next().await.unwrap().unwrap().await };
            let (_, accepted) = join(fail(&socket, url), accepting).await;
            let error = accepted.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Tls, "{error}");
        });
    }
}

#[test]
fn a_key_that_does_not_fit_is_refused_beforehand() {
    let [one, two] = [(); 2].map(|()| Pem::self_signed(params(&[])));
    let mixed = Pem {
        chain: one.chain,
        key: two.key,
    };
    for library in LIBRARIES {
        let tls = TlsConfig::new()
            .library(*library)
            .identity(mixed.identity());
        run(async {
            let options = Options::new().tls(tls);
            let error = Listener::bind_with("127.0.0.1:0", options)
                .await
                .unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidInput);
        });
    }
}

/// Clients with certificates, without, and with bad ones.
#[cfg(any(feature = "openssl", feature = "rustls"))]
mod client_certificates {
    use qwebsocket::{ClientCertificates, TlsVersion};

    use super::super::named;
    use super::*;

    /// What the server tells of its client, or the kinds of the errors of both.
    async fn meet(
        server: TlsConfig,
        client: TlsConfig,
    ) -> Result<Option<String>, (ErrorKind, Option<ErrorKind>)> {
        let (mut listener, port) = listen(server).await;
        let url = format!("wss://localhost:{port}/");
        let options = Options::new().tls(client);
        let accepting = async {
            let incoming = listener.next().await.unwrap().unwrap().await?;
            let tls = incoming.tls().unwrap().clone();
            incoming.accept(None).await.map(|socket| (socket, tls))
        };
        match join(accepting, Socket::connect_with(url, options)).await {
            (Ok((_socket, tls)), Ok(_)) => {
                let certificate = tls.peer_certificates().first();
                Ok(certificate.map(|certificate| certificate.subject().to_owned()))
            }
            (Err(ours), theirs) => Err((ours.kind(), theirs.err().map(|error| error.kind()))),
            (Ok(_), Err(error)) => panic!("{error}"),
        }
    }

    #[test]
    fn they_are_taken_if_they_are_good() {
        let authority = Authority::new("authority");
        let sub = authority.below(Authority::params("sub"));
        let identity = authority.pem(params(&["localhost"])).identity();
        let client = authority.pem(named("client", &[]));
        let below = sub.pem(named("below", &[]));
        let stranger = Authority::new("other").pem(named("stranger", &[]));
        let mut expired = named("expired", &[]);
        expired.not_before = rcgen::date_time_ymd(2001, 1, 1);
        expired.not_after = rcgen::date_time_ymd(2002, 1, 1);
        let mut for_servers = named("server", &[]);
        for_servers.extended_key_usages = vec![rcgen::ExtendedKeyUsagePurpose::ServerAuth];
        let bad = [
            stranger,
            authority.pem(expired),
            authority.pem(for_servers),
            Pem::self_signed(named("self", &[])),
        ];
        let server = |wanted| {
            let tls = authority.trusted().identity(identity.clone());
            tls.client_certificates(wanted)
        };
        let refused = Err((ErrorKind::Tls, Some(ErrorKind::Tls)));
        for version in [TlsVersion::Tls1_2, TlsVersion::Tls1_3] {
            let plain = || {
                authority
                    .trusted()
                    .min_version(version)
                    .max_version(version)
            };
            run(async {
                use ClientCertificates as Wanted;

                for (pem, name) in [(&client, "CN=client"), (&below, "CN=below")] {
                    let with = || plain().identity(pem.identity());
                    let no = meet(server(Wanted::No), with()).await;
                    assert_eq!(no, Ok(None));
                    for wanted in [Wanted::Optional, Wanted::Required] {
                        let met = meet(server(wanted), with()).await;
                        assert_eq!(met, Ok(Some(name.to_owned())), "{wanted:?}");
                    }
                }
                assert_eq!(meet(server(Wanted::Optional), plain()).await, Ok(None));
                assert_eq!(meet(server(Wanted::Required), plain()).await, refused);
                for pem in &bad {
                    for wanted in [Wanted::Optional, Wanted::Required] {
                        let with = plain().identity(pem.identity());
                        let met = meet(server(wanted), with).await;
                        assert_eq!(met, refused, "{wanted:?} {version:?}");
                    }
                }
            });
        }
    }

    #[test]
    fn node_shows_one() {
        let authority = Authority::new("authority");
        let root = root_file(&authority, "node-shows");
        let [certificate, key] = authority.issue("node-shows", named("node", &[]));
        let tls = authority
            .trusted()
            .identity(authority.pem(params(&["localhost"])).identity())
            .client_certificates(ClientCertificates::Required);
        for peer in [Peer::Node, Peer::Python] {
            run(async {
                let (mut listener, port) = listen(tls.clone()).await;
                let url = format!("wss://localhost:{port}/chat");
                let shown = [&*root, &*certificate, &*key];
                let _client = Counterpart::secure_client(peer, &url, "stay", &shown);
                let socket = accept(&mut listener).await.unwrap();
                assert_eq!(message(&socket).await, "stay".into());
                let tls = socket.info().tls().cloned().unwrap();
                assert_eq!(tls.peer_certificates()[0].subject(), "CN=node");
            });
        }
    }

    /// A listener that is the end of everything that its socket tells.
    #[test]
    fn the_end_of_tls_is_told() {
        let authority = Authority::new("authority");
        let tls = TlsConfig::new().identity(authority.pem(params(&["localhost"])).identity());
        run(async {
            let (mut listener, port) = listen(tls).await;
            let url = format!("wss://localhost:{port}/");
            let options = Options::new().tls(authority.trusted());
            let (client, server) =
                join(Socket::connect_with(url, options), accept(&mut listener)).await;
            let (client, mut server) = (client.unwrap(), server.unwrap());
            client.abort();
            drop(client);
            let told = super::super::rest(&mut server).await;
            let expected = "AlertReceived(Warning, CloseNotify)";
            assert!(told.contains(&expected.to_owned()), "{told:?}");
        });
    }
}

/// A stream of our own may be TLS, too: the options' identity makes it so.
#[test]
fn a_stream_of_our_own_is_accepted_by_tls() {
    let authority = Authority::new("authority");
    let pem = authority.pem(params(&["localhost"]));
    let tls = TlsConfig::new()
        .library(LIBRARIES[0])
        .identity(pem.identity());
    run(async {
        let listener = async_std::net::TcpListener::bind("127.0.0.1:0")
            .await
            .unwrap();
        let address = listener.local_addr().unwrap();
        let client = async {
            let mut connector = SslConnector::builder(SslMethod::tls_client()).unwrap();
            connector.set_verify(SslVerifyMode::NONE);
            let ssl = connector
                .build()
                .configure()
                .unwrap()
                .into_ssl("localhost")
                .unwrap();
            let stream = TcpStream::connect(address).await.unwrap();
            let stream = tokio_util::compat::FuturesAsyncReadCompatExt::compat(stream);
            let mut tls = tokio_openssl::SslStream::new(ssl, stream).unwrap();
            std::pin::Pin::new(&mut tls).connect().await.unwrap();
            let mut tls = tokio_util::compat::TokioAsyncReadCompatExt::compat(tls);
            let request = format!("{REQUEST}\r\n");
            futures::AsyncWriteExt::write_all(&mut tls, request.as_bytes())
                .await
                .unwrap();
            let mut answer = [0; 12];
            tls.read_exact(&mut answer).await.unwrap();
            answer
        };
        let server = async {
            let (stream, _) = listener.accept().await.unwrap();
            let accepting = Socket::accept(stream, Options::new().tls(tls)).unwrap();
            accepting.await.unwrap().accept(None).await.unwrap()
        };
        let (answer, _socket) = join(client, server).await;
        assert_eq!(&answer, b"HTTP/1.1 101");
    });
}
