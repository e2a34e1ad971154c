//! The scripted server of `tests/support` and `own_server`, which the environment names when this is
//! compiled.

use qwebsocket::{Event, Message, Socket, WebSocketExt};

/// Where nobody listens.
pub(crate) const CLOSED_PORT: &str = "ws://127.0.0.1:49151/";

/// A run of the server, of which it keeps a log.
pub(crate) struct Run {
    id: String,
    script: &'static str,
}

impl Run {
    /// Echoes.
    pub(crate) fn echo() -> Run {
        Run::script("accept;serve")
    }

    /// Follows a script; `tests/support` explains them.
    pub(crate) fn script(script: &'static str) -> Run {
        let id = format!("web-{}", js_sys::Math::random());
        Run { id, script }
    }

    pub(crate) fn url(&self) -> String {
        self.url_of("")
    }

    pub(crate) fn url_of(&self, path: &str) -> String {
        format!(
            "ws://{}/run/{}{path}?do={}",
            address(),
            self.id,
            self.script
        )
    }

    /// The frames of the first connection, each as opcode and payload. Waits until it has ended.
    pub(crate) async fn frames(&self) -> Vec<(u8, Vec<u8>)> {
        let log = self.log().await;
        let frames = log.lines().filter_map(|line| {
            let fields: Vec<_> = line.split('\t').collect();
            match fields[..] {
                ["1", "frame", _, _, opcode, _, _, body] => {
                    let body = body.strip_prefix("hex:").map_or(vec![], from_hex);
                    Some((opcode.parse().unwrap(), body))
                }
                _ => None,
            }
        });
        frames.collect()
    }

    /// Code and reason of the close frame that the server got.
    pub(crate) async fn close_frame(&self) -> Option<(u16, String)> {
        let frames = self.frames().await;
        let (_, payload) = frames.into_iter().find(|(opcode, _)| *opcode == 8)?;
        let (code, reason) = payload.split_first_chunk()?;
        let reason = String::from_utf8(reason.to_vec()).unwrap();
        Some((u16::from_be_bytes(*code), reason))
    }

    async fn log(&self) -> String {
        let url = format!("ws://{}/log/{}", address(), self.id);
        let socket = Socket::connect(url).await.unwrap();
        while let Some(event) = socket.next_event().await {
            if let Event::Message(Message::Text(log)) = event {
                return log.to_string();
            }
        }
        panic!("the server told no log");
    }
}

/// The URL of `own_server.rs`.
pub(crate) fn own_server() -> &'static str {
    match option_env!("QWEBSOCKET_OWN_SERVER") {
        Some(url) => url,
        None => panic!("QWEBSOCKET_OWN_SERVER is not the URL of `own_server`"),
    }
}

fn address() -> &'static str {
    match option_env!("QWEBSOCKET_TEST_SERVER") {
        Some(address) => address,
        None => panic!("QWEBSOCKET_TEST_SERVER names no host and port of `support`"),
    }
}

fn from_hex(hex: &str) -> Vec<u8> {
    let digits = hex.as_bytes().chunks(2);
    let bytes = digits.map(|pair| u8::from_str_radix(str::from_utf8(pair).unwrap(), 16));
    bytes.collect::<Result<_, _>>().unwrap()
}
