//! The shared cases of `tests/conformance`, run in browsers.

use std::future::Future;
use std::time::Duration;

use qwebsocket::{Error, Options, Socket, TlsIdentity};

use cases::secure::{Front, Secure};
use cases::{Lab, Target};

/// Makes tests of the cases of an area.
macro_rules! cases {
    ($($name:ident),+ $(,)?) => {
        mod tests {
            use wasm_bindgen_test::wasm_bindgen_test;

            $(#[wasm_bindgen_test]
            async fn $name() {
                crate::conformance::run(super::$name).await;
            })+
        }
    };
}

#[path = "../conformance/mod.rs"]
mod cases;

struct Browser;

impl Target for Browser {
    type Socket = Socket;

    fn socket(options: Options) -> Result<Socket, Error> {
        Socket::with_options(options)
    }

    fn server() -> String {
        let Some(address) = option_env!("QWEBSOCKET_TEST_SERVER") else {
            panic!(
                "QWEBSOCKET_TEST_SERVER must be HOST:PORT of a running `support` when the tests \
                 are compiled, as `cargo xtask test` has it"
            );
        };
        format!("ws://{address}")
    }

    fn server_on_ipv6() -> Option<String> {
        None
    }

    fn nobody() -> String {
        Self::server().replace("127.0.0.1", "[::1]")
    }

    fn secure(_: Secure) -> Option<Box<dyn Front>> {
        None
    }

    fn root() -> Vec<u8> {
        Vec::new()
    }

    fn identity() -> TlsIdentity {
        TlsIdentity::pem("", "")
    }

    async fn shop() -> String {
        crate::server::own_server().to_owned() + "/shop"
    }

    fn again(_: &str, _: &str, _: &str) {
        unreachable!("pages have no environment, and say so before");
    }

    fn is_again() -> bool {
        false
    }

    fn random() -> u64 {
        js_sys::Math::random().to_bits()
    }

    fn now() -> Duration {
        Duration::from_secs_f64(js_sys::Date::now() / 1000.0)
    }

    fn sleep(time: Duration) -> impl Future<Output = ()> {
        gloo_timers::future::sleep(time)
    }
}

async fn run<F: Future<Output = ()>>(case: impl FnOnce(Lab<Browser>) -> F) {
    cases::limited::<Browser>(case(Lab::new())).await;
}
