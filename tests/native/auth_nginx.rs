//! HTTP authentication of a server that nobody here wrote.

use qwebsocket::{Credentials, ErrorKind, Options, Socket, WebSocket};

use crate::auth::{opens, question};
use crate::common::{Counterpart, Peer, fail, message, run};
use crate::programs::{PASSWORD, Program, USER};
use crate::tls::{Authority, params};

#[test]
fn it_asks_by_basic() {
    let authority = Authority::new("authority");
    let files = authority.issue("nginx", params(&["localhost"]));
    let (_server, server) = Counterpart::server(Peer::Node, &[]);
    let wrong = Credentials::new(USER, "wrong");
    let right = Credentials::new(USER, PASSWORD);
    for (scheme, certificate) in [("ws", None), ("wss", Some(&files))] {
        let nginx = Program::nginx(server, certificate);
        let url = |userinfo| format!("{scheme}://{userinfo}localhost:{}/echo", nginx.port());
        let options = Options::new().tls(authority.trusted());
        run(async {
            let known = options.clone().credentials(right.clone());
            for (url, options) in [
                (url("user:pass@"), options.clone()),
                (url(""), known.clone()),
                (
                    url("user:pass@"),
                    options.clone().credentials(wrong.clone()),
                ),
            ] {
                let socket = Socket::connect_with(url, options).await.unwrap();
                socket.send("hello".into()).unwrap();
                assert_eq!(message(&socket).await, "hello".into());
            }
            let mistaken = options.clone().credentials(wrong.clone());
            for options in [options.clone(), mistaken] {
                let socket = Socket::with_options(options).unwrap();
                let error = fail(&socket, url("")).await;
                assert_eq!(error.kind(), ErrorKind::Authentication);
                assert_eq!(error.response().unwrap().status(), 401);
            }
            let socket = Socket::with_options(options.ask_credentials(true)).unwrap();
            socket.open(url("").into()).unwrap();
            for (answer, tried) in [(&wrong, None), (&right, Some(&wrong))] {
                let decision = question(&socket).await;
                assert_eq!(decision.question().realm(), "shadow");
                assert_eq!(decision.question().tried(), tried);
                decision.answer(answer.clone());
            }
            opens(&socket).await;
        });
    }
}
