//! Good certificates and bad ones, by each library as far as it can tell.

use ::openssl::pkey::PKey;
use ::openssl::rsa::Rsa;
use qwebsocket::{ErrorKind, Options, Socket, TlsConfig, TlsErrorKind, TlsLibrary, WebSocket};
use rcgen::{
    BasicConstraints, ExtendedKeyUsagePurpose, IsCa, PKCS_RSA_SHA256, PublicKeyData, SerialNumber,
    SignatureAlgorithm, date_time_ymd,
};

use super::{Authority, LIBRARIES, Pem, TlsFront, front, named, params, url};
use crate::common::{fail, run};
use crate::tls_front::shows;

/// A server, and who goes there.
pub(crate) struct Row {
    pub(crate) name: &'static str,
    front: TlsFront,
    host: &'static str,
    /// Verification as it is by default, with what has to be trusted.
    tls: TlsConfig,
    /// What is wrong, in the order of the list.
    pub(crate) errors: &'static [TlsErrorKind],
    /// What OpenSSL finds besides, where it looks at each certificate by itself.
    pub(crate) also: &'static [TlsErrorKind],
    /// Whether a system's own library can be told enough to notice.
    pub(crate) is_for_all: bool,
}

fn row(name: &'static str, server: Pem, tls: TlsConfig, errors: &'static [TlsErrorKind]) -> Row {
    Row {
        name,
        front: front(shows(&server)),
        host: "localhost",
        tls,
        errors,
        also: &[],
        is_for_all: true,
    }
}

impl Row {
    fn host(mut self, host: &'static str) -> Row {
        self.host = host;
        self
    }

    fn also(mut self, also: &'static [TlsErrorKind]) -> Row {
        self.also = also;
        self
    }

    fn with_lists(mut self) -> Row {
        self.is_for_all = false;
        self
    }

    fn libraries(&self) -> impl Iterator<Item = TlsLibrary> {
        let is_for_all = self.is_for_all;
        let libraries = LIBRARIES.iter().copied();
        libraries.filter(move |library| is_for_all || *library != TlsLibrary::NativeTls)
    }

    fn url(&self) -> String {
        url(&self.front).replace("localhost", self.host)
    }
}

pub(crate) fn rows() -> Vec<Row> {
    use TlsErrorKind as Kind;

    const NO_ISSUER: &[TlsErrorKind] = &[
        Kind::UnableToGetLocalIssuerCertificate,
        Kind::UnableToVerifyFirstCertificate,
    ];
    let ca = Authority::new("ca");
    let sub = ca.below(Authority::params("sub"));
    let here = || params(&["localhost"]);
    let trusted = || ca.trusted();

    let mut expired = here();
    expired.not_before = date_time_ymd(2001, 1, 1);
    expired.not_after = date_time_ymd(2002, 1, 1);
    let mut expired_elsewhere = expired.clone();
    expired_elsewhere.subject_alt_names = params(&["other.example"]).subject_alt_names;
    let mut future = here();
    future.not_before = date_time_ymd(2901, 1, 1);
    future.not_after = date_time_ymd(2902, 1, 1);
    let mut for_clients = here();
    for_clients.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    let mut expired_sub = Authority::params("expired sub");
    expired_sub.not_before = date_time_ymd(2001, 1, 1);
    expired_sub.not_after = date_time_ymd(2002, 1, 1);
    let mut short = Authority::params("short");
    short.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    let short = Authority::with(short);
    let too_deep = short.below(Authority::params("sub"));
    let mut no_ca = named("no authority", &[]);
    no_ca.is_ca = IsCa::ExplicitNoCa;
    let serial = |number: u64| {
        let mut params = here();
        params.serial_number = Some(SerialNumber::from(number));
        params
    };
    let list = ca.revoked(&[7], 2900);
    let old_list = ca.revoked(&[7], 2021);
    let other_list = Authority::new("other").revoked(&[], 2900);
    let wild = || ca.pem(params(&["*.example.test"]));
    let named_by = |name: &str| ca.trusted().server_name(name);

    let mut authority = here();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = Pem::self_signed(authority);
    let authority_itself = TlsConfig::new()
        .system_roots(false)
        .root_pem(&*authority.chain);
    let own = Pem::self_signed(here());
    let itself = TlsConfig::new().system_roots(false).root_pem(&*own.chain);

    vec![
        row("good", ca.pem(here()), trusted(), &[]),
        row("address", ca.pem(params(&["127.0.0.1"])), trusted(), &[]).host("127.0.0.1"),
        row("chain", sub.pem(here()), trusted(), &[]),
        row("wildcard", wild(), named_by("a.example.test"), &[]),
        row("self-signed and trusted", own.clone(), itself, &[]),
        row(
            "authority, trusted",
            authority.clone(),
            authority_itself,
            &[],
        ),
        row(
            "authority, unknown",
            authority,
            trusted(),
            &[Kind::SelfSignedCertificate],
        ),
        row(
            "not revoked",
            ca.pem(serial(8)),
            trusted().revocation_list_pem(&*list),
            &[],
        )
        .with_lists(),
        row(
            "expired",
            ca.pem(expired),
            trusted(),
            &[Kind::CertificateExpired],
        ),
        row(
            "not yet valid",
            ca.pem(future),
            trusted(),
            &[Kind::CertificateNotYetValid],
        ),
        row(
            "wrong name",
            ca.pem(params(&["other.example", "*.localhost", "127.0.0.1"])),
            trusted(),
            &[Kind::HostNameMismatch],
        ),
        row(
            "wrong address",
            ca.pem(params(&["127.0.0.2", "localhost"])),
            trusted(),
            &[Kind::HostNameMismatch],
        )
        .host("127.0.0.1"),
        row(
            "wildcard, too deep",
            wild(),
            named_by("a.b.example.test"),
            &[Kind::HostNameMismatch],
        ),
        row(
            "wildcard, too high",
            wild(),
            named_by("example.test"),
            &[Kind::HostNameMismatch],
        ),
        row(
            "common name only",
            ca.pem(named("localhost", &[])),
            trusted(),
            &[Kind::HostNameMismatch],
        ),
        row(
            "self-signed",
            Pem::self_signed(here()),
            trusted(),
            &[Kind::SelfSignedCertificate],
        ),
        row(
            "self-signed and expired elsewhere",
            Pem::self_signed(expired_elsewhere.clone()),
            trusted(),
            &[
                Kind::HostNameMismatch,
                Kind::SelfSignedCertificate,
                Kind::CertificateExpired,
            ],
        ),
        row(
            "unknown authority",
            Authority::new("ca, but another").pem(here()),
            trusted(),
            NO_ISSUER,
        ),
        row(
            "unknown root that was sent",
            {
                let unknown = Authority::new("unknown");
                unknown.pem(here()).and(&unknown.root())
            },
            trusted(),
            &[Kind::SelfSignedCertificateInChain],
        ),
        row(
            "another key behind the name",
            Authority::new("ca").pem(here()),
            trusted(),
            &[Kind::CertificateSignatureFailed],
        ),
        row(
            "missing intermediate",
            sub.pem(here()).alone(),
            trusted(),
            NO_ISSUER,
        ),
        row(
            "expired intermediate",
            ca.below(expired_sub).pem(here()),
            trusted(),
            &[Kind::CertificateExpired],
        ),
        row(
            "expired and wrong name",
            ca.pem(expired_elsewhere),
            trusted(),
            &[Kind::HostNameMismatch, Kind::CertificateExpired],
        ),
        row(
            "too long a path",
            too_deep.pem(here()),
            short.trusted(),
            &[Kind::PathLengthExceeded],
        ),
        row(
            "signed by who may not",
            ca.below(no_ca).pem(here()),
            trusted(),
            &[Kind::InvalidCaCertificate],
        )
        .also(&[Kind::InvalidPurpose]),
        row(
            "wrong purpose",
            ca.pem(for_clients),
            trusted(),
            &[Kind::InvalidPurpose],
        ),
        row("weak key", weak(&ca), trusted(), &[Kind::WeakKey]),
        row(
            "tampered with",
            tampered(ca.pem(here())),
            trusted(),
            &[Kind::CertificateSignatureFailed],
        ),
        row(
            "revoked",
            ca.pem(serial(7)),
            trusted().revocation_list_pem(&*list),
            &[Kind::CertificateRevoked],
        )
        .with_lists(),
        row(
            "no list",
            ca.pem(serial(8)),
            trusted().revocation_list_pem(other_list),
            &[Kind::UnableToGetRevocationList],
        )
        .with_lists(),
        row(
            "old list",
            ca.pem(serial(8)),
            trusted().revocation_list_pem(old_list),
            &[Kind::InvalidRevocationList],
        )
        .with_lists(),
        row(
            "too deep",
            sub.pem(here()),
            trusted().depth(0),
            &[Kind::PathLengthExceeded],
        )
        .also(&[Kind::UnableToGetLocalIssuerCertificate])
        .with_lists(),
    ]
}

/// RSA with 1024 bits.
fn weak(ca: &Authority) -> Pem {
    struct Weak(Vec<u8>);

    impl PublicKeyData for Weak {
        fn der_bytes(&self) -> &[u8] {
            &self.0
        }

        fn algorithm(&self) -> &'static SignatureAlgorithm {
            &PKCS_RSA_SHA256
        }
    }

    let rsa = Rsa::generate(1024).unwrap();
    let public = Weak(rsa.public_key_to_der_pkcs1().unwrap());
    let key = PKey::from_rsa(rsa)
        .unwrap()
        .private_key_to_pem_pkcs8()
        .unwrap();
    Pem {
        chain: ca.sign(params(&["localhost"]), &public),
        key: String::from_utf8(key).unwrap(),
    }
}

/// With another last byte of the signature.
fn tampered(mut pem: Pem) -> Pem {
    let mut der = pem.x509().to_der().unwrap();
    *der.last_mut().unwrap() ^= 1;
    let certificate = ::openssl::x509::X509::from_der(&der).unwrap();
    pem.chain = String::from_utf8(certificate.to_pem().unwrap()).unwrap();
    pem
}

/// The server has seen the whole of a connection, and no HTTP.
fn no_request_came(row: &Row, name: &str) {
    const LAST: [&str; 3] = ["failed ", "close_notify", "lost "];
    loop {
        let word = run(row.front.saw());
        assert_ne!(word, "data", "{name}");
        if LAST.iter().any(|last| word.starts_with(last)) {
            break;
        }
    }
}

/// What is bad is refused with its list, by verification as it is by default; what is good is not.
#[test]
fn each_certificate_is_judged() {
    for row in rows() {
        for library in row.libraries() {
            let tls = row.tls.clone().library(library);
            let name = format!("{}, {library:?}", row.name);
            if row.errors.is_empty() {
                let options = Options::new().tls(tls);
                let connected = run(Socket::connect_with(row.url(), options));
                let tls = connected.expect(&name).info().tls().cloned().unwrap();
                assert!(tls.ignored_errors().is_empty(), "{name}");
                continue;
            }
            let socket = Socket::with_options(Options::new().tls(tls)).unwrap();
            let error = run(fail(&socket, row.url()));
            assert_eq!(error.kind(), ErrorKind::Tls, "{name}: {error}");
            assert!(error.to_string().contains("ertificate"), "{name}: {error}");
            let told: Vec<_> = error
                .tls_errors()
                .iter()
                .map(|error| error.kind())
                .collect();
            match library {
                // It tells the first that it found.
                TlsLibrary::NativeTls => {
                    assert_eq!(told.len(), 1, "{name}: {error:?}");
                    let errors = [row.errors, row.also].concat();
                    assert!(errors.contains(&told[0]), "{name}: {told:?}");
                }
                TlsLibrary::OpenSsl => {
                    assert_eq!(told, [row.errors, row.also].concat(), "{name}");
                }
                _ => assert_eq!(told, row.errors, "{name}"),
            }
            assert_eq!(error.to_string(), error.tls_errors()[0].to_string());
            no_request_came(&row, &name);
        }
    }
}

/// Nothing of this is in the system's roots, so nothing of it is trusted by default.
#[test]
fn nothing_is_weakened_by_default() {
    for row in rows() {
        let own = LIBRARIES
            .iter()
            .map(|library| TlsConfig::new().library(*library));
        for tls in own.chain([TlsConfig::new()]) {
            let socket = Socket::with_options(Options::new().tls(tls)).unwrap();
            let error = run(fail(&socket, row.url()));
            assert_eq!(error.kind(), ErrorKind::Tls, "{}: {error}", row.name);
            no_request_came(&row, row.name);
        }
    }
}
