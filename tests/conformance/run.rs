use std::fmt::Display;
use std::marker::PhantomData;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use qwebsocket::{Event, Message, Options, WebSocket, WebSocketExt};
use support::{Log, Script, header_values};

use super::{Lab, Target, notation};

/// A name under which the server keeps what it saw.
pub(crate) struct Run<T> {
    id: String,
    base: String,
    /// Whether it counts that the server's steps ran out of time.
    with_timeouts: bool,
    target: PhantomData<T>,
}

impl<T: Target> Run<T> {
    pub(crate) fn new(lab: &Lab<T>) -> Run<T> {
        Run::at(T::server(), lab)
    }

    /// A run at another address of the server.
    pub(crate) fn at(base: String, lab: &Lab<T>) -> Run<T> {
        static PREFIX: OnceLock<u64> = OnceLock::new();
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let prefix = PREFIX.get_or_init(T::random);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        Run {
            id: format!("{prefix:016x}-{count}"),
            base,
            with_timeouts: lab.ends_tcp(),
            target: PhantomData,
        }
    }

    /// `ws://HOST:PORT`.
    pub(crate) fn base(&self) -> &str {
        &self.base
    }

    /// `HOST:PORT`.
    pub(crate) fn authority(&self) -> &str {
        self.base.trim_start_matches("ws://")
    }

    /// The URL that makes the server follow the script; `target` is the rest of path and query.
    pub(crate) fn url(&self, script: &Script, target: &str) -> String {
        script.url(&self.base, &self.id, target)
    }

    /// The path under which the server echoes.
    pub(crate) fn path(&self) -> String {
        format!("/run/{}", self.id)
    }

    /// Checks what the server saw on the only connection, once that has ended.
    pub(crate) async fn saw<E: Display>(&self, expected: impl IntoIterator<Item = E>) {
        let log = self.log(1).await;
        assert_eq!(log.connections.len(), 1, "connections\n{log}");
        self.check(&log, 1, expected);
    }

    /// Checks what the server saw on the first, second, … connection, once all have ended.
    pub(crate) async fn saw_each(&self, expected: &[&[&str]]) {
        let log = self.log(expected.len()).await;
        assert_eq!(log.connections.len(), expected.len(), "connections\n{log}");
        for (index, expected) in expected.iter().enumerate() {
            self.check(&log, index + 1, *expected);
        }
    }

    /// Checks that a message of so many bytes came on the only connection, in whatever frames, and
    /// a close frame behind it.
    pub(crate) async fn saw_payload(&self, bytes: usize) {
        let log = self.log(1).await;
        let frames = log.frames(1);
        let (close, data) = frames.split_last().expect("a close frame");
        let sum: u64 = data.iter().map(|frame| frame.len).sum();
        assert_eq!(
            (close.close_code(), sum),
            (Some(1000), bytes as u64),
            "{log}"
        );
    }

    /// Checks that nobody came.
    pub(crate) async fn saw_nobody(&self) {
        let log = fetch::<T>(Log::url_now(&self.base, &self.id)).await;
        assert_eq!(log, Log::default(), "connections");
    }

    /// A port of the server where this script is followed from the first byte on.
    pub(crate) async fn own_port(&self, script: &Script) -> u16 {
        let port = told::<T>(script.port_url(&self.base, &self.id)).await;
        port.parse().expect("a port")
    }

    /// The values of a header in each request on the first, second, … connection, once all have
    /// ended; `-` where it is not.
    pub(crate) async fn sent(&self, connections: usize, name: &str) -> Vec<Vec<String>> {
        let log = self.log(connections).await;
        assert_eq!(log.connections.len(), connections, "connections\n{log}");
        let values = |lines: &[String]| {
            let values: Vec<_> = header_values(lines, name).collect();
            if values.is_empty() {
                "-".to_owned()
            } else {
                values.join(" and ")
            }
        };
        (1..=connections)
            .map(|number| log.requests(number).map(values).collect())
            .collect()
    }

    /// What the server saw on so many connections, once all have ended.
    pub(crate) async fn log(&self, connections: usize) -> Log {
        let log = fetch::<T>(Log::url_of(&self.base, &self.id, connections)).await;
        assert!(log.ended(), "the server still waits for the client\n{log}");
        log
    }

    fn check<E: Display>(&self, log: &Log, number: usize, expected: impl IntoIterator<Item = E>) {
        let counts = |entry: &String| self.with_timeouts || entry != "timeout";
        let entries = log.connection(number).iter();
        let saw: Vec<_> = entries.filter_map(notation::entry).filter(counts).collect();
        let expected = expected.into_iter().map(|entry| entry.to_string());
        let expected: Vec<_> = expected.filter(counts).collect();
        assert_eq!(saw, expected, "what the server saw on connection {number}");
    }
}

async fn fetch<T: Target>(url: String) -> Log {
    Log::parse(&told::<T>(url).await).expect("a log that can be read")
}

/// The text that the server tells at this URL.
async fn told<T: Target>(url: String) -> String {
    let socket = T::socket(Options::new()).expect("default options work everywhere");
    socket.open(url.into()).expect("an URL of the server");
    let mut told = None;
    while let Some(event) = socket.next_event().await {
        match event {
            Event::Message(Message::Text(text)) => told = Some(text),
            Event::Error(error) => panic!("nothing is told: {error:?}"),
            _ => {}
        }
    }
    told.expect("a text").into()
}
