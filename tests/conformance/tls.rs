//! TLS: whom it trusts and what it agrees on. Browsers do it by themselves: there the options are
//! refused.

use qwebsocket::{ErrorKind, Features, Options, PreSharedKey, TlsConfig, TlsVersion, WebSocket};
use support::Script;

use super::secure::{Secure, Shown};
use super::wss::{Wss, fails, subjects, trusting};
use super::{Lab, Target};

/// Only the given authority is trusted.
pub(crate) async fn tls_ok_ca<T: Target>(lab: Lab<T>) {
    let tls = trusting::<T>();
    let Some(wss) = Wss::open(&lab, tls, Shown::Good).await else {
        return;
    };
    let info = wss.converses().await;
    if lab.can(Features::TLS_INFO) {
        assert_eq!(info.version(), Some(TlsVersion::Tls1_3));
        assert_eq!(info.cipher(), Some("TLS_AES_256_GCM_SHA384"));
        assert_eq!(info.alpn(), None);
        assert_eq!(info.resumed(), Some(false));
    }
    assert_eq!(subjects(&info), ["CN=good"]);
}

/// An authority besides the system's.
pub(crate) async fn tls_ok_add_ca<T: Target>(lab: Lab<T>) {
    let tls = TlsConfig::new().root_pem(T::root());
    if let Some(wss) = Wss::open(&lab, tls, Shown::Good).await {
        wss.converses().await;
    }
}

/// The server sends what is between its certificate and the root's.
pub(crate) async fn tls_ok_chain<T: Target>(lab: Lab<T>) {
    let tls = trusting::<T>();
    let Some(wss) = Wss::open(&lab, tls, Shown::Chain).await else {
        return;
    };
    let info = wss.converses().await;
    if lab.can(Features::TLS_INFO) {
        assert_eq!(subjects(&info), ["CN=leaf", "CN=sub"]);
    }
}

/// Nobody is trusted.
pub(crate) async fn tls_unknown_ca<T: Target>(lab: Lab<T>) {
    let tls = TlsConfig::new().system_roots(false);
    let errors = [
        "UnableToGetLocalIssuerCertificate",
        "UnableToVerifyFirstCertificate",
    ];
    fails(&lab, tls, Shown::Good, &errors, "UnknownCa").await;
}

/// Nobody has signed it.
pub(crate) async fn tls_self_signed<T: Target>(lab: Lab<T>) {
    let tls = TlsConfig::new().system_roots(false);
    fails(
        &lab,
        tls,
        Shown::SelfSigned,
        &["SelfSignedCertificate"],
        "UnknownCa",
    )
    .await;
}

/// The certificate is for another name than the address.
pub(crate) async fn tls_host_mismatch<T: Target>(lab: Lab<T>) {
    fails(
        &lab,
        trusting::<T>(),
        Shown::OtherName,
        &["HostNameMismatch"],
        "BadCertificate",
    )
    .await;
}

/// The same for a name, which the server is told.
pub(crate) async fn tls_host_mismatch_localhost<T: Target>(lab: Lab<T>) {
    let options = Options::new().tls(trusting::<T>());
    let server = Secure::shows(Shown::OtherName);
    let Some(mut wss) = Wss::prepare(&lab, Features::TLS_CONFIG, options, server) else {
        return;
    };
    wss.url = wss.url.replace("127.0.0.1", "localhost");
    wss.story
        .socket
        .open(wss.url.clone().into())
        .expect("a good URL");
    wss.story
        .expect(["Connecting", "PeerVerifyError(HostNameMismatch)"])
        .await;
    wss.is_refused("BadCertificate").await;
}

/// A wildcard is for one label. There is no proxy in front of this server: the name is given.
pub(crate) async fn tls_wildcard_deep<T: Target>(lab: Lab<T>) {
    let tls = trusting::<T>().server_name("a.b.example.test");
    fails(
        &lab,
        tls,
        Shown::Wildcard,
        &["HostNameMismatch"],
        "BadCertificate",
    )
    .await;
    let tls = trusting::<T>().server_name("a.example.test");
    let Some(mut wss) = Wss::open(&lab, tls, Shown::Wildcard).await else {
        return;
    };
    wss.story.opened().await;
    wss.closes().await;
    wss.saw(["accepted", "secure TLSv1.3 sni=a.example.test client=-"])
        .await;
}

/// Expired.
pub(crate) async fn tls_expired<T: Target>(lab: Lab<T>) {
    let errors = ["CertificateExpired"];
    fails(
        &lab,
        trusting::<T>(),
        Shown::Expired,
        &errors,
        "CertificateExpired",
    )
    .await;
}

/// For clients only.
pub(crate) async fn tls_wrong_usage<T: Target>(lab: Lab<T>) {
    let errors = ["InvalidPurpose"];
    fails(
        &lab,
        trusting::<T>(),
        Shown::ForClients,
        &errors,
        "UnsupportedCertificate",
    )
    .await;
}

/// One certificate in between is not too many.
pub(crate) async fn tls_verify_depth<T: Target>(lab: Lab<T>) {
    let needed = Features::TLS_CONFIG | Features::TLS_CHAIN;
    let options = Options::new().tls(trusting::<T>().depth(1));
    let server = Secure::shows(Shown::Chain);
    if let Some(wss) = Wss::with(&lab, needed, options, server, &Script::echo()).await {
        let info = wss.converses().await;
        assert_eq!(subjects(&info), ["CN=leaf", "CN=sub"]);
    }
}

/// The server demands a certificate.
pub(crate) async fn tls_client_cert<T: Target>(lab: Lab<T>) {
    let tls = trusting::<T>().identity(T::identity());
    let server = Secure::shows(Shown::Good).demanding();
    let Some(mut wss) = Wss::serve(&lab, tls, server).await else {
        return;
    };
    wss.story.opened().await;
    wss.talks_after("secure TLSv1.3 sni=- client=client").await;
}

/// There is none.
pub(crate) async fn tls_client_cert_missing_tls12<T: Target>(lab: Lab<T>) {
    let server = Secure::shows(Shown::Good)
        .demanding()
        .only(TlsVersion::Tls1_2);
    let Some(mut wss) = Wss::serve(&lab, trusting::<T>(), server).await else {
        return;
    };
    let received = "AlertReceived(Fatal, HandshakeFailure)";
    wss.story
        .fails_to_open_after(&[received], ErrorKind::Tls)
        .await;
    wss.saw(["accepted", "failed peer did not return a certificate"])
        .await;
}

/// A server of TLS 1.2.
pub(crate) async fn tls_tls12<T: Target>(lab: Lab<T>) {
    let server = Secure::shows(Shown::Good).only(TlsVersion::Tls1_2);
    let Some(mut wss) = Wss::serve(&lab, trusting::<T>(), server).await else {
        return;
    };
    wss.story.opened().await;
    let info = wss.talks_after("secure TLSv1.2 sni=- client=-").await;
    if lab.can(Features::TLS_INFO) {
        assert_eq!(info.version(), Some(TlsVersion::Tls1_2));
        let cipher = "ECDHE-ECDSA-AES256-GCM-SHA384";
        assert_eq!(info.cipher(), Some(cipher));
    }
}

/// No version in common.
pub(crate) async fn tls_client_tls12_server_13<T: Target>(lab: Lab<T>) {
    let tls = trusting::<T>().max_version(TlsVersion::Tls1_2);
    let server = Secure::shows(Shown::Good).only(TlsVersion::Tls1_3);
    let Some(mut wss) = Wss::serve(&lab, tls, server).await else {
        return;
    };
    let received = "AlertReceived(Fatal, ProtocolVersion)";
    wss.story
        .fails_to_open_after(&[received], ErrorKind::Tls)
        .await;
    wss.saw(["accepted", "failed unsupported protocol"]).await;
}

/// No cipher in common.
pub(crate) async fn tls_no_common_cipher<T: Target>(lab: Lab<T>) {
    let tls = trusting::<T>().max_version(TlsVersion::Tls1_2);
    let tls = tls.ciphers("ECDHE-ECDSA-AES256-GCM-SHA384");
    let needed = Features::TLS_CONFIG | Features::TLS_CIPHERS;
    let server = Secure::shows(Shown::Good).ciphers("ECDHE-ECDSA-AES128-GCM-SHA256");
    let options = Options::new().tls(tls);
    let Some(mut wss) = Wss::with(&lab, needed, options, server, &Script::echo()).await else {
        return;
    };
    let received = "AlertReceived(Fatal, HandshakeFailure)";
    wss.story
        .fails_to_open_after(&[received], ErrorKind::Tls)
        .await;
    wss.saw(["accepted", "failed no shared cipher"]).await;
}

/// A pre-shared key instead of certificates.
pub(crate) async fn tls_psk_ok<T: Target>(lab: Lab<T>) {
    let key = PreSharedKey::new("client", [0x1a, 0x2b, 0x3c, 0x4d]);
    let Some((mut wss, asked)) = Wss::by_key(&lab, Some(key)).await else {
        return;
    };
    wss.story.opened().await;
    let info = wss.says_secret().await;
    assert_eq!(info.version(), Some(TlsVersion::Tls1_2));
    assert_eq!(info.cipher(), Some("PSK-AES128-GCM-SHA256"));
    assert!(info.peer_certificates().is_empty());
    let asked = asked.lock().expect("nobody panics");
    assert_eq!(asked.len(), 1);
    assert_eq!(asked[0].hint(), Some(&b"the hint"[..]));
    assert!(asked[0].max_identity() >= 128 && asked[0].max_key() >= 64);
}

/// There is no key.
pub(crate) async fn tls_psk_unanswered<T: Target>(lab: Lab<T>) {
    let Some((mut wss, _)) = Wss::by_key(&lab, None).await else {
        return;
    };
    let sent = "AlertSent(Fatal, HandshakeFailure)";
    wss.story.fails_to_open_after(&[sent], ErrorKind::Tls).await;
}

/// The key counts; what this server makes of the identity is its own matter.
pub(crate) async fn tls_psk_wrong_identity<T: Target>(lab: Lab<T>) {
    let key = PreSharedKey::new("stranger", [0x1a, 0x2b, 0x3c, 0x4d]);
    let Some((mut wss, _)) = Wss::by_key(&lab, Some(key)).await else {
        return;
    };
    wss.story.opened().await;
    wss.says_secret().await;
}

cases! {
    tls_ok_ca,
    tls_ok_add_ca,
    tls_ok_chain,
    tls_unknown_ca,
    tls_self_signed,
    tls_host_mismatch,
    tls_host_mismatch_localhost,
    tls_wildcard_deep,
    tls_expired,
    tls_wrong_usage,
    tls_verify_depth,
    tls_client_cert,
    tls_client_cert_missing_tls12,
    tls_tls12,
    tls_client_tls12_server_13,
    tls_no_common_cipher,
    tls_psk_ok,
    tls_psk_unanswered,
    tls_psk_wrong_identity,
}
