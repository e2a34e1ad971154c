//! A server that follows a script, for what the cases of `tests/conformance` do not have.

use qwebsocket::{Socket, WebSocket};
use support::{Log, Script, Server, header_values};

use crate::common::message;

/// The id of the only run.
const RUN: &str = "run";

/// A server with a script.
pub(crate) struct Scripted {
    server: Server,
    script: Script,
}

impl Scripted {
    pub(crate) fn new(script: Script) -> Scripted {
        Scripted {
            server: Server::start(),
            script,
        }
    }

    /// `HOST:PORT`.
    pub(crate) fn authority(&self) -> String {
        self.server.address().to_string()
    }

    /// The URL that leads to the script.
    pub(crate) fn url(&self) -> String {
        self.script.url(&self.server.base(), RUN, "")
    }

    /// The same as a user.
    pub(crate) fn url_of(&self, userinfo: &str) -> String {
        self.url().replace("ws://", &format!("ws://{userinfo}@"))
    }

    /// The port where the script is followed from the first byte on.
    pub(crate) async fn own_port(&self) -> u16 {
        let url = self.script.port_url(&self.server.base(), RUN);
        told(url).await.parse().expect("a port")
    }

    /// What came on so many connections, once all have ended.
    pub(crate) async fn log(&self, connections: usize) -> Log {
        let url = Log::url_of(&self.server.base(), RUN, connections);
        let log = Log::parse(&told(url).await).unwrap();
        assert!(log.ended() && log.connections.len() == connections, "{log}");
        log
    }

    /// What came on all connections, once they have ended.
    pub(crate) async fn log_of_all(&self) -> Log {
        let url = Log::url(&self.server.base(), RUN);
        let log = Log::parse(&told(url).await).unwrap();
        assert!(log.ended(), "{log}");
        log
    }

    /// The values of a header, request by request over so many connections; `-` where it is not.
    pub(crate) async fn sent(&self, connections: usize, name: &str) -> Vec<String> {
        let log = self.log(connections).await;
        let requests = (1..=connections).flat_map(|number| log.requests(number));
        let values = requests.map(|lines| header_values(lines, name).collect::<Vec<_>>());
        let words = values.map(|values| match values[..] {
            [] => "-".to_owned(),
            _ => values.join(" and "),
        });
        words.collect()
    }
}

/// The text that the server tells at this URL.
async fn told(url: String) -> String {
    let socket = Socket::connect(url).await.unwrap();
    let message = message(&socket).await;
    socket.abort();
    message.as_text().expect("a text").to_owned()
}
