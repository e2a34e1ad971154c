//! A configuration of rustls that the application made.

use std::sync::Arc;

use ::openssl::ssl::{AlpnError, SslVerifyMode, select_next_proto};
use qwebsocket::{
    AlertKind, ClientCertificates, ErrorKind, Options, Socket, TlsConfig, TlsLibrary, TlsVersion,
    WebSocket,
};
use rustls::client::WantsClientCert;
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, ConfigBuilder, RootCertStore};
use support::Script;

use super::super::{Authority, Pem, connect, front, invalid, named, params, socket, url};
use crate::common::{fail, message, run};
use crate::scripted::Scripted;
use crate::tls_front::{Ending, TlsFront, demand, shows};

/// Trusts these and nobody else.
fn trusting(authorities: &[&Authority]) -> ConfigBuilder<ClientConfig, WantsClientCert> {
    let mut roots = RootCertStore::empty();
    for authority in authorities {
        let root = CertificateDer::from_pem_slice(authority.root().as_bytes());
        roots.add(root.unwrap()).unwrap();
    }
    ClientConfig::builder_with_provider(ring::default_provider().into())
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
}

fn ready(config: ClientConfig) -> TlsConfig {
    TlsConfig::new().rustls_client_config(Arc::new(config))
}

/// The same with the certificate of a client.
fn showing(authority: &Authority, client: &Pem) -> TlsConfig {
    let chain = CertificateDer::pem_slice_iter(client.chain.as_bytes());
    let chain = chain.collect::<Result<_, _>>().unwrap();
    let key = PrivateKeyDer::from_pem_slice(client.key.as_bytes()).unwrap();
    let config = trusting(&[authority]).with_client_auth_cert(chain, key);
    ready(config.unwrap())
}

#[test]
fn it_is_used_as_it_is() {
    let authority = Authority::new("authority");
    let mut context = shows(&authority.pem(params(&["localhost"])));
    context.set_alpn_select_callback(|_, offered| {
        select_next_proto(b"\x08http/1.1", offered).ok_or(AlpnError::NOACK)
    });
    let front = front(context);
    let mut config = trusting(&[&authority]).with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    let options = Options::new().tls(ready(config)).build().unwrap();
    run(async {
        // It keeps its own sessions.
        for is_resumed in [false, true] {
            let socket = Socket::connect_with(url(&front), options.clone());
            let socket = socket.await.unwrap();
            socket.send("hello".into()).unwrap();
            assert_eq!(message(&socket).await, "hello".into());
            let info = socket.info().tls().cloned().unwrap();
            assert_eq!(info.alpn(), Some("http/1.1"));
            assert_eq!(info.resumed(), Some(is_resumed));
            assert_eq!(info.peer_certificates()[0].issuer(), "CN=authority");
        }
    });
}

#[test]
fn whom_it_does_not_trust_is_refused() {
    let authority = Authority::new("authority");
    let front = front(shows(&authority.pem(params(&["localhost"]))));
    let config = trusting(&[]).with_no_client_auth();
    run(async {
        let error = fail(&socket(ready(config)), url(&front)).await;
        assert_eq!(error.kind(), ErrorKind::Tls, "{error}");
        let sent = error.alert_sent().map(|alert| alert.kind());
        assert_eq!(sent, Some(AlertKind::UNKNOWN_CA));
        assert_eq!(front.saw().await, "accepted");
        let seen = front.saw().await;
        assert!(seen.contains("unknown ca"), "{seen}");
    });
}

#[test]
fn a_name_and_pins_apply_beside_it() {
    let authority = Authority::new("authority");
    let front = front(shows(&authority.pem(params(&["other.test"]))));
    let tls = || ready(trusting(&[&authority]).with_no_client_auth());
    run(async {
        assert!(connect(tls(), &front).await.is_err());
        let tls = || tls().library(TlsLibrary::Rustls).server_name("other.test");
        let socket = connect(tls(), &front).await.unwrap();
        let info = socket.info().tls().cloned().unwrap();
        let pin = info.peer_certificates()[0].public_key_sha256();
        connect(tls().pin_public_key(pin), &front).await.unwrap();
        let error = connect(tls().pin_public_key([0; 32]), &front).await;
        let error = error.err().unwrap();
        assert!(error.to_string().contains("pinned"), "{error}");
    });
}

#[test]
fn what_it_decides_cannot_be_set_beside_it() {
    let authority = Authority::new("authority");
    let tls = || ready(trusting(&[]).with_no_client_auth());
    for tls in [
        tls().library(TlsLibrary::OpenSsl),
        tls().library(TlsLibrary::NativeTls),
        tls().system_roots(false),
        tls().root_pem(authority.root()),
        tls().revocation_list_pem(authority.revoked(&[], 2900)),
        tls().depth(1),
        tls().identity(authority.pem(params(&[])).identity()),
        tls().client_certificates(ClientCertificates::Optional),
        tls().min_version(TlsVersion::Tls1_3),
        tls().max_version(TlsVersion::Tls1_2),
        tls().alpn(["http/1.1"]),
        tls().resumption(false),
        tls().ask_errors(true),
        tls().interrupt_on_error(true),
        tls().danger().verify_none(),
        tls().danger().query_peer(),
        tls().danger().ignore_all_errors(),
        tls().danger().key_log(|_| {}),
    ] {
        assert!(invalid(tls).contains("rustls"));
    }
    assert!(Options::new().tls(tls()).build().is_ok());
}

#[test]
fn its_certificate_is_for_the_server_of_the_url() {
    let authority = Authority::new("authority");
    let asking = || {
        let mut context = shows(&authority.pem(params(&["localhost"])));
        demand(&mut context, &authority);
        context.set_verify(SslVerifyMode::PEER);
        context
    };
    let there = front(asking());
    let location = format!(
        "HTTP/1.1 302 Found\r\nLocation: {}\r\nContent-Length: 0\r\n\r\n",
        url(&there)
    );
    let leading = Scripted::new(Script::new().raw(location));
    let here = TlsFront::with(asking(), Ending::Told, &leading.authority());
    let path = leading.url().replace("ws://", "");
    let (_, path) = path.split_once('/').unwrap();
    let tls = showing(&authority, &authority.pem(named("client", &[])));
    run(async {
        let options = Options::new().tls(tls).redirects(1);
        let address = format!("wss://localhost:{}/{path}", here.port());
        let socket = Socket::connect_with(address, options).await.unwrap();
        assert_eq!(socket.request_url(), url(&there));
        for (front, client) in [(&here, "client"), (&there, "-")] {
            assert_eq!(front.saw().await, "accepted");
            let seen = front.saw().await;
            assert!(seen.ends_with(&format!(" client={client}")), "{seen}");
        }
    });
}
