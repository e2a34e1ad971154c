//! The servers of `wss` that the cases of `tests/conformance` want.

use std::collections::HashMap;
use std::future::{Future, pending};
use std::pin::Pin;
use std::sync::{LazyLock, Mutex};

use openssl::ssl::SslVersion;
use qwebsocket::TlsVersion;
use rcgen::{ExtendedKeyUsagePurpose, date_time_ymd};

use crate::conformance::cases::secure::{Front, Secure, Shown};
use crate::s_server::SServer;
use crate::tls::{Authority, Pem, named};
use crate::tls_front::{Ending, TlsFront, demand, only, shows};

/// Signs whatever they show.
pub(crate) static AUTHORITY: LazyLock<Authority> = LazyLock::new(|| Authority::new("ca"));

/// What a client shows.
pub(crate) static CLIENT: LazyLock<Pem> = LazyLock::new(|| AUTHORITY.pem(named("client", &[])));

/// A server in front of the one at this `HOST:PORT`.
pub(crate) fn start(server: Secure, behind: &str) -> Box<dyn Front> {
    if server.shown == Shown::Key {
        let arguments = [
            ["-nocert", "-tls1_2"],
            ["-cipher", "PSK-AES128-GCM-SHA256"],
            ["-psk", "1a2b3c4d"],
            ["-psk_identity", "client"],
            ["-psk_hint", "the hint"],
        ];
        return Box::new(SServer::start(arguments.as_flattened(), behind));
    }
    let mut context = shows(&certificate(server.shown));
    match server.version {
        Some(TlsVersion::Tls1_2) => only(&mut context, SslVersion::TLS1_2),
        Some(TlsVersion::Tls1_3) => only(&mut context, SslVersion::TLS1_3),
        Some(other) => panic!("no case wants {other:?}"),
        None => {}
    }
    if let Some(ciphers) = server.ciphers {
        context.set_cipher_list(ciphers).unwrap();
    }
    if server.demands {
        demand(&mut context, &AUTHORITY);
    }
    let ending = if server.cuts {
        Ending::Cut
    } else {
        Ending::Told
    };
    Box::new(TlsFront::with(context, ending, behind))
}

/// The same for every server, so that it can be listed.
fn certificate(shown: Shown) -> Pem {
    static MADE: LazyLock<Mutex<HashMap<Shown, Pem>>> = LazyLock::new(Mutex::default);
    let mut made = MADE.lock().unwrap();
    made.entry(shown).or_insert_with(|| make(shown)).clone()
}

fn make(shown: Shown) -> Pem {
    let address = ["127.0.0.1"];
    let mut params = match shown {
        Shown::Good => named("good", &address),
        Shown::Chain => named("leaf", &address),
        Shown::SelfSigned => named("self", &address),
        Shown::OtherName | Shown::ExpiredOtherName => named("other", &["other.example"]),
        Shown::Wildcard => named("wildcard", &["*.example.test"]),
        Shown::Expired => named("expired", &address),
        Shown::ForClients => named("clients", &address),
        Shown::Key => unreachable!("there is none"),
    };
    match shown {
        Shown::Expired | Shown::ExpiredOtherName => {
            params.not_before = date_time_ymd(2001, 1, 1);
            params.not_after = date_time_ymd(2002, 1, 1);
        }
        Shown::ForClients => {
            params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        }
        Shown::SelfSigned => return Pem::self_signed(params),
        Shown::Chain => return AUTHORITY.below(Authority::params("sub")).pem(params),
        _ => {}
    }
    AUTHORITY.pem(params)
}

impl Front for TlsFront {
    fn base(&self) -> String {
        format!("wss://{}", self.address())
    }

    fn saw(&self) -> Pin<Box<dyn Future<Output = String> + '_>> {
        Box::pin(TlsFront::saw(self))
    }
}

impl Front for SServer {
    fn base(&self) -> String {
        format!("wss://127.0.0.1:{}", self.port())
    }

    fn saw(&self) -> Pin<Box<dyn Future<Output = String> + '_>> {
        Box::pin(pending())
    }
}
