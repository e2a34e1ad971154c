//! Our own certificate: in each of its forms, and what is wrong with it.

use std::fs;

use ::openssl::ec::{EcGroup, EcKey};
use ::openssl::nid::Nid;
use ::openssl::pkey::{PKey, Private};
use ::openssl::rsa::Rsa;
#[cfg(feature = "native-tls")]
use ::openssl::symm::Cipher;
use qwebsocket::{
    ErrorKind, Features, Listener, Options, Socket, TlsConfig, TlsIdentity, TlsLibrary, TlsVersion,
};

use super::authority::SECRET;
use super::{
    Authority, LIBRARIES, Pem, TlsFront, connect, front, invalid, named, params, socket, temporary,
    url,
};
use crate::common::{fail, run};
use crate::tls_front::{demand, shows};

/// A server that demands certificates, and one of them.
pub(super) struct Demanding {
    authority: Authority,
    front: TlsFront,
    pub(super) client: Pem,
}

impl Demanding {
    pub(super) fn new() -> Demanding {
        let authority = Authority::new("authority");
        let mut context = shows(&authority.pem(params(&["localhost"])));
        demand(&mut context, &authority);
        Demanding {
            front: front(context),
            client: authority.pem(named("client", &[])),
            authority,
        }
    }

    /// It is taken for the client.
    pub(super) fn takes(&self, identity: TlsIdentity, library: TlsLibrary) {
        let tls = self.authority.trusted().library(library);
        run(async {
            let socket = connect(tls.identity(identity), &self.front).await.unwrap();
            assert_eq!(self.front.saw().await, "accepted");
            let seen = self.front.saw().await;
            assert_eq!(seen, "secure TLSv1.3 sni=localhost client=client");
            drop(socket);
            self.front.saw_close_notify().await;
        });
    }
}

fn files(test: &str, archive: &[u8]) -> String {
    let path = temporary(&format!("{test}.p12"));
    fs::write(&path, archive).unwrap();
    path
}

#[test]
fn it_can_have_each_form() {
    let server = Demanding::new();
    let client = &server.client;
    let [certificate, key] = client.files("identity");
    let archive = client.pkcs12();
    let file = files("identity", &archive);
    for library in LIBRARIES {
        for identity in [
            client.identity(),
            TlsIdentity::pem_files(&certificate, &key),
        ] {
            server.takes(identity, *library);
        }
        for identity in [
            TlsIdentity::pkcs12(&*archive, SECRET),
            TlsIdentity::pkcs12_file(&file, SECRET),
            TlsIdentity::pkcs12(&*archive, "wrong").password(SECRET),
        ] {
            if *library != TlsLibrary::Rustls {
                server.takes(identity, *library);
                continue;
            }
            let tls = TlsConfig::new().library(*library).identity(identity);
            let error = Options::new().tls(tls).build().unwrap_err();
            assert_eq!(
                error.kind(),
                ErrorKind::Unsupported(Features::ENCRYPTED_KEY)
            );
        }
    }
}

/// What leads to the root is sent along.
#[test]
fn it_may_be_below_an_intermediate() {
    let mut server = Demanding::new();
    let sub = server.authority.below(Authority::params("sub"));
    server.client = sub.pem(named("client", &[]));
    for library in LIBRARIES {
        server.takes(server.client.identity(), *library);
    }
}

/// With TLS 1.3 the handshake is over for us when the server sees that there is none.
#[test]
fn a_missing_one_is_one_error() {
    let server = Demanding::new();
    for library in LIBRARIES {
        for version in [TlsVersion::Tls1_2, TlsVersion::Tls1_3] {
            let tls = server.authority.trusted().library(*library);
            let tls = tls.min_version(version).max_version(version);
            for _ in 0..10 {
                let error = run(fail(&socket(tls.clone()), url(&server.front)));
                assert_eq!(
                    error.kind(),
                    ErrorKind::Tls,
                    "{library:?} {version:?}: {error}"
                );
            }
        }
    }
}

#[test]
fn what_cannot_be_read_is_refused_beforehand() {
    let client = Pem::self_signed(params(&[]));
    let other = Pem::self_signed(params(&[]));
    let archive = client.pkcs12();
    let key_line = client.key.lines().nth(1).unwrap();
    for library in LIBRARIES {
        let tls = |identity| TlsConfig::new().library(*library).identity(identity);
        let archives = [
            TlsIdentity::pkcs12(&*archive, "wrong"),
            TlsIdentity::pkcs12("no archive", SECRET),
        ];
        // rustls takes none.
        let archives = archives
            .into_iter()
            .filter(|_| *library != TlsLibrary::Rustls);
        for identity in archives.chain([
            TlsIdentity::pem("no certificate", &*client.key),
            TlsIdentity::pem(&*client.chain, "no key"),
            TlsIdentity::pem("", ""),
            // A key of another certificate.
            TlsIdentity::pem(&*client.chain, &*other.key),
        ]) {
            let text = invalid(tls(identity));
            assert!(!text.contains(SECRET) && !text.contains(key_line), "{text}");
        }
    }
}

#[test]
fn a_file_that_is_not_there_is_named() {
    let [certificate, key] = Pem::self_signed(params(&[])).files("there");
    let missing = temporary("not-there.pem");
    for library in LIBRARIES {
        let tls = || TlsConfig::new().library(*library);
        for tls in [
            tls().root_file(&missing),
            tls().identity(TlsIdentity::pem_files(&missing, &key)),
            tls().identity(TlsIdentity::pem_files(&certificate, &missing)),
            tls().identity(TlsIdentity::pkcs12_file(&missing, SECRET)),
        ] {
            let text = invalid(tls);
            assert!(text.contains(&missing), "{text}");
            assert!(text.contains("No such file"), "{text}");
        }
    }
}

#[test]
fn roots_may_be_files() {
    let authority = Authority::new("authority");
    let other = Authority::new("other");
    let path = temporary("roots.pem");
    fs::write(&path, other.root() + &authority.root()).unwrap();
    let front = front(shows(&authority.pem(params(&["localhost"]))));
    for library in LIBRARIES {
        let tls = TlsConfig::new().library(*library).system_roots(false);
        run(connect(tls.root_file(&path), &front)).unwrap();
    }
}

/// Nothing secret is shown, by whatever holds it.
#[test]
fn secrets_are_not_shown() {
    let client = Pem::self_signed(params(&[]));
    let key_line = client.key.lines().nth(1).unwrap();
    // rustls, the last of them, takes no archive.
    let library = LIBRARIES[0];
    let archive = TlsIdentity::pkcs12(client.pkcs12(), SECRET);
    let archive = Some(archive).filter(|_| library != TlsLibrary::Rustls);
    for identity in archive.into_iter().chain([client.identity()]) {
        let tls = TlsConfig::new().library(library).identity(identity.clone());
        let options = Options::new().tls(tls.clone());
        let socket = Socket::with_options(options.clone()).unwrap();
        for shown in [
            format!("{identity:?}"),
            format!("{tls:#?}"),
            format!("{options:#?}"),
            format!("{:#?}", options.build().unwrap()),
            format!("{socket:#?}"),
        ] {
            assert!(!shown.contains(SECRET), "{shown}");
            assert!(
                !shown.contains(key_line) && !shown.contains("PRIVATE"),
                "{shown}"
            );
            // As numbers neither.
            assert!(!shown.contains("45, 45, 45"), "{shown}");
        }
    }
}

/// A certificate of each kind of key, and the key.
fn kinds() -> Vec<(Pem, PKey<Private>)> {
    let curve = |nid| EcGroup::from_curve_name(nid).unwrap();
    let ec = |nid| PKey::from_ec_key(EcKey::generate(&curve(nid)).unwrap()).unwrap();
    let keys = [
        PKey::from_rsa(Rsa::generate(2048).unwrap()).unwrap(),
        PKey::from_rsa(Rsa::generate(2048).unwrap()).unwrap(),
        ec(Nid::X9_62_PRIME256V1),
        ec(Nid::X9_62_PRIME256V1),
        ec(Nid::SECP384R1),
        PKey::generate_ed25519().unwrap(),
        PKey::generate_ed25519().unwrap(),
    ];
    let certify = |key: PKey<Private>| (Pem::of_key("client", &key), key);
    keys.into_iter().map(certify).collect()
}

/// Whatever kinds the two are of, for a client and for a server.
#[test]
fn a_key_that_does_not_belong_to_the_certificate_is_refused_beforehand() {
    let kinds = kinds();
    for library in LIBRARIES {
        for (at, (certificate, _)) in kinds.iter().enumerate() {
            for (of, (key, _)) in kinds.iter().enumerate() {
                let identity = TlsIdentity::pem(&*certificate.chain, &*key.key);
                let tls = TlsConfig::new().library(*library).identity(identity);
                let options = Options::new().tls(tls.clone());
                if at == of {
                    drop(options.build().unwrap());
                    continue;
                }
                let text = invalid(tls);
                assert!(
                    text.contains("certificate"),
                    "{library:?} {at} {of}: {text}"
                );
                let bound = run(Listener::bind_with("127.0.0.1:0", options));
                assert_eq!(bound.unwrap_err().kind(), ErrorKind::InvalidInput);
            }
        }
    }
}

/// The forms of a key in which programs write it, and texts that hold both.
#[test]
fn each_form_of_a_key_is_taken() {
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    let rsa = PKey::from_rsa(Rsa::generate(2048).unwrap()).unwrap();
    let group = EcGroup::from_curve_name(Nid::SECP384R1).unwrap();
    let ec = PKey::from_ec_key(EcKey::generate(&group).unwrap()).unwrap();
    let pkcs1 = text(rsa.rsa().unwrap().private_key_to_pem().unwrap());
    let sec1 = text(ec.ec_key().unwrap().private_key_to_pem().unwrap());
    assert!(pkcs1.starts_with("-----BEGIN RSA PRIVATE KEY-----"));
    assert!(sec1.starts_with("-----BEGIN EC PRIVATE KEY-----"));
    // As `openssl ecparam -genkey` writes it.
    let parameters = "-----BEGIN EC PARAMETERS-----\nBgUrgQQAIg==\n-----END EC PARAMETERS-----\n";
    let mut server = Demanding::new();
    for (key, old) in [(&rsa, &pkcs1), (&ec, &sec1)] {
        server.client = server.authority.of_key("client", key);
        let chain = &server.client.chain;
        for key in [&server.client.key, old] {
            let both = format!("{chain}{key}");
            let reversed = format!("{parameters}{key}Bag Attributes: none\r\n{chain}");
            for identity in [
                TlsIdentity::pem(&**chain, &**key),
                TlsIdentity::pem(&**chain, key.replace('\n', "\r\n")),
                TlsIdentity::pem(&*both, &*both),
                TlsIdentity::pem(&*reversed, &*reversed),
            ] {
                for library in LIBRARIES {
                    server.takes(identity.clone(), *library);
                }
            }
        }
    }
}

/// A key without a text that says what is wanted is no help.
#[cfg(feature = "native-tls")]
#[test]
fn what_form_of_a_key_is_wanted_is_said() {
    let client = Pem::self_signed(params(&[]));
    let key = PKey::private_key_from_pem(client.key.as_bytes()).unwrap();
    let encrypted = key
        .private_key_to_pem_pkcs8_passphrase(Cipher::aes_256_cbc(), SECRET.as_bytes())
        .unwrap();
    for (key, said) in [
        (b"no key".to_vec(), "PKCS#8"),
        (client.chain.clone().into_bytes(), "EC PRIVATE KEY"),
        (key.private_key_to_der().unwrap(), "PEM"),
        (encrypted, "encrypted"),
    ] {
        let tls = TlsConfig::new().library(TlsLibrary::NativeTls);
        let text = invalid(tls.identity(TlsIdentity::pem(&*client.chain, key)));
        assert!(text.contains(said), "{text}");
    }
}
