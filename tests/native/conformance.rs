//! The cases of `tests/conformance`, natively.

use std::collections::HashSet;
use std::future::Future;
use std::hash::{BuildHasher, RandomState};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use async_std::task;
use futures::StreamExt;
use qwebsocket::{Error, Listener, Options, Socket, TlsIdentity};
use support::{DeadEnd, Server};

use crate::common::{again, is_again};
use crate::secure;
use cases::secure::{Front, Secure};
use cases::typed::shop::{Postcard, serve};
use cases::{Lab, Target};

/// Makes tests of the cases of an area.
macro_rules! cases {
    ($($name:ident),+ $(,)?) => {
        pub(crate) const NAMES: &[&str] = &[$(stringify!($name)),+];

        mod tests {
            $(#[test]
            fn $name() {
                crate::conformance::run(super::$name);
            })+
        }
    };
}

#[path = "../conformance/mod.rs"]
pub(crate) mod cases;

struct Native;

impl Target for Native {
    type Socket = Socket;

    fn socket(options: Options) -> Result<Socket, Error> {
        Socket::with_options(options)
    }

    fn server() -> String {
        static SERVER: OnceLock<Server> = OnceLock::new();
        match std::env::var("QWEBSOCKET_TEST_SERVER") {
            Ok(address) => format!("ws://{address}"),
            Err(_) => SERVER.get_or_init(Server::start).base(),
        }
    }

    fn server_on_ipv6() -> Option<String> {
        static SERVER: OnceLock<Option<Server>> = OnceLock::new();
        let server = SERVER.get_or_init(|| Server::bind("[::1]:0").ok());
        server.as_ref().map(Server::base)
    }

    fn nobody() -> String {
        static PORT: OnceLock<DeadEnd> = OnceLock::new();
        let port = PORT.get_or_init(|| support::refused_port().expect("a free port"));
        port.base()
    }

    fn secure(server: Secure) -> Option<Box<dyn Front>> {
        let behind = Self::server();
        Some(secure::start(server, behind.trim_start_matches("ws://")))
    }

    fn root() -> Vec<u8> {
        secure::AUTHORITY.root().into_bytes()
    }

    fn identity() -> TlsIdentity {
        secure::CLIENT.identity()
    }

    async fn shop() -> String {
        let mut listener = Listener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("ws://{}/", listener.local_address());
        task::spawn(async move {
            let accepting = listener.next().await.expect("it goes on")?;
            let socket = accepting.await?.accept(None).await?;
            serve(socket, Postcard).await.expect("the client closes");
            Ok::<(), Error>(())
        });
        url
    }

    fn again(case: &str, variable: &str, value: &str) {
        let server = Self::server();
        let server = server.trim_start_matches("ws://");
        let variables = [(variable, value), ("QWEBSOCKET_TEST_SERVER", server)];
        again(&format!("conformance::cases::{case}"), &variables);
    }

    fn is_again() -> bool {
        is_again()
    }

    fn random() -> u64 {
        RandomState::new().hash_one(std::process::id())
    }

    fn now() -> Duration {
        static START: OnceLock<Instant> = OnceLock::new();
        START.get_or_init(Instant::now).elapsed()
    }

    fn sleep(time: Duration) -> impl Future<Output = ()> {
        task::sleep(time)
    }
}

fn run<F: Future<Output = ()>>(case: impl FnOnce(Lab<Native>) -> F) {
    task::block_on(cases::limited::<Native>(case(Lab::new())));
}

/// Every scenario has a case.
#[test]
fn no_scenario_is_left_out() {
    let mut scenarios = HashSet::new();
    for line in include_str!("../conformance/scenarios.txt").lines() {
        let (_area, name) = line.split_once(' ').expect("an area and a name");
        scenarios.insert(name);
    }
    assert_eq!(scenarios.len(), 246);
    for area in [
        cases::abort::NAMES,
        cases::auth::NAMES,
        cases::bytes::NAMES,
        cases::close::NAMES,
        cases::flow::NAMES,
        cases::handshake::NAMES,
        cases::keep_alive::NAMES,
        cases::lifecycle::NAMES,
        cases::mask::NAMES,
        cases::messages::NAMES,
        cases::mqtt::NAMES,
        cases::open::NAMES,
        cases::peer_close::NAMES,
        cases::ping::NAMES,
        cases::proxy::NAMES,
        cases::received::NAMES,
        cases::reconnect::NAMES,
        cases::request::NAMES,
        cases::testing::NAMES,
        cases::tls::NAMES,
        cases::tls_end::NAMES,
        cases::tls_errors::NAMES,
        cases::typed::NAMES,
        #[cfg(feature = "serde")]
        cases::typed::json::NAMES,
        cases::violations::NAMES,
        cases::written::NAMES,
    ] {
        for name in area {
            scenarios.remove(name);
        }
    }
    assert!(scenarios.is_empty(), "without a case: {scenarios:?}");
}
