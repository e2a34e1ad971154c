//! What the native tests share.

use std::future::Future;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;
use std::{env, fs, thread};

use qwebsocket::{Error, Event, Message, Request, Socket, State, WebSocket, WebSocketExt};

/// More than anything takes that does not hang.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// Runs a test; one that hangs fails.
pub(crate) fn run<T>(test: impl Future<Output = T>) -> T {
    async_std::task::block_on(async_std::future::timeout(PATIENCE, test)).expect("it hangs")
}

/// An event in short; `None` for how much was written, which depends on the time, and for what only
/// some libraries of TLS tell.
pub(crate) fn word(event: &Event) -> Option<String> {
    Some(match event {
        Event::BytesWritten(_)
        | Event::PeerVerifyError(_)
        | Event::AlertSent(_)
        | Event::AlertReceived(_) => return None,
        Event::StateChanged(state) => format!("{state:?}"),
        Event::Error(error) => format!("Error({:?})", error.kind()),
        Event::Message(message) => format!("{message:?}"),
        Event::Pong { payload, .. } => format!("Pong({})", String::from_utf8_lossy(payload)),
        other => format!("{other:?}"),
    })
}

/// All events up to the end, in short.
pub(crate) async fn to_end(socket: &Socket) -> Vec<String> {
    let mut words = Vec::new();
    while let Some(event) = socket.next_event().await {
        words.extend(word(&event));
    }
    words
}

/// Opens `request` in vain: why it failed.
pub(crate) async fn fail(socket: &Socket, request: impl Into<Request>) -> Error {
    socket.open(request.into()).unwrap();
    let mut events = Vec::new();
    while let Some(event) = socket.next_event().await {
        assert_ne!(socket.state(), State::Connected, "it connected");
        events.extend(word(&event));
    }
    let error = socket.last_error().expect("it failed");
    support::assert_said_once(&error);
    let kind = format!("Error({:?})", error.kind());
    assert_eq!(events, ["Connecting", &kind, "Unconnected", "Disconnected"]);
    assert_eq!(socket.state(), State::Unconnected);
    assert!(socket.closed().is_none());
    error
}

/// The next message.
pub(crate) async fn message(socket: &Socket) -> Message {
    while let Some(event) = socket.next_event().await {
        if let Event::Message(message) = event {
            return message;
        }
    }
    panic!("the connection ended: {:?}", socket.closed());
}

/// The events of a connection that was open and came to a good end.
pub(crate) const GOOD_END: [&str; 5] = [
    "AboutToClose",
    "Closing",
    "Unconnected",
    "ReadFinished",
    "Disconnected",
];

/// What speaks WebSocket besides us.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Peer {
    /// The package `ws` of Node.
    Node,
    /// The package `websockets` of Python.
    Python,
}

/// A running program of `tests/counterparts`; it ends with this value.
pub(crate) struct Counterpart {
    child: Child,
    lines: Receiver<String>,
}

impl Counterpart {
    /// A server, and its port.
    pub(crate) fn server(peer: Peer, arguments: &[&str]) -> (Counterpart, u16) {
        let server = Counterpart::start(peer, "server", arguments);
        let port = server.line().parse().expect("it prints its port");
        (server, port)
    }

    /// A client of this URL.
    pub(crate) fn client(peer: Peer, url: &str, mode: &str) -> Counterpart {
        Counterpart::start(peer, "client", &[url, mode])
    }

    /// A client of `wss`: the files of what it trusts, and of the certificate and key that it shows.
    pub(crate) fn secure_client(peer: Peer, url: &str, mode: &str, files: &[&str]) -> Counterpart {
        Counterpart::start(peer, "client", &[&[url, mode], files].concat())
    }

    /// The program of this name.
    pub(crate) fn start(peer: Peer, program: &str, arguments: &[&str]) -> Counterpart {
        let installed = installed();
        let (interpreter, suffix) = match peer {
            Peer::Node => ("node".into(), "mjs"),
            Peer::Python => (installed.join("python/bin/python"), "py"),
        };
        let program = root()
            .join("tests/counterparts")
            .join(format!("{program}.{suffix}"));
        let mut child = Command::new(interpreter)
            .arg(program)
            .args(arguments)
            .env("QWEBSOCKET_COUNTERPARTS", installed)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("`cargo xtask setup` installs Node, Python and their packages");
        let output = BufReader::new(child.stdout.take().expect("it is piped"));
        let (sender, lines) = channel();
        thread::spawn(move || {
            for line in output.lines().map_while(Result::ok) {
                let _ = sender.send(line);
            }
        });
        Counterpart { child, lines }
    }

    /// The next line that it prints.
    pub(crate) fn line(&self) -> String {
        let line = self.lines.recv_timeout(PATIENCE / 4);
        line.expect("the counterpart prints another line")
    }

    /// Ends it: the lines that it printed until then. It ends with its standard input.
    #[cfg(feature = "native-tls")]
    pub(crate) fn rest(mut self) -> Vec<String> {
        drop(self.child.stdin.take());
        self.lines()
    }

    /// The lines that it prints up to its end, which is a good one.
    pub(crate) fn lines(mut self) -> Vec<String> {
        let lines = self.lines.iter().collect();
        assert!(self.child.wait().expect("it was started").success());
        lines
    }
}

impl Drop for Counterpart {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The folder of the project.
pub(crate) fn root() -> &'static Path {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    package.parent().expect("a folder of the project")
}

/// Where `npm/node_modules` and `python/bin/python` are.
fn installed() -> PathBuf {
    let dir = match env::var_os("QWEBSOCKET_COUNTERPARTS") {
        Some(dir) => PathBuf::from(dir),
        None => root().join("target/xtask"),
    };
    for part in ["npm/node_modules/ws", "python/bin/python"] {
        assert!(
            dir.join(part).exists(),
            "{part} is not in {}: run `cargo xtask setup`",
            dir.display()
        );
    }
    dir
}

/// Runs a test in a process of its own, where no other test opens descriptors. `name` is the path
/// of the test that calls.
pub(crate) fn alone(name: &str, test: impl FnOnce()) {
    if is_again() {
        test();
    } else {
        again(name, &[]);
    }
}

const AGAIN: &str = "QWEBSOCKET_TEST_AGAIN";

/// Whether this process was made by [`again`].
pub(crate) fn is_again() -> bool {
    env::var_os(AGAIN).is_some()
}

/// Runs the test with this path once more, in a process whose environment has these variables and
/// none that names a proxy besides.
pub(crate) fn again(name: &str, variables: &[(&str, &str)]) {
    once_more(Command::new(me()), name, variables);
}

/// The same within a limit of the system's, as the shell's `ulimit` sets it.
pub(crate) fn again_within(limit: &str, name: &str, variables: &[(&str, &str)]) {
    let mut shell = Command::new("sh");
    let script = format!("ulimit {limit} && exec \"$0\" \"$@\"");
    shell.args(["-c", &script]).arg(me());
    once_more(shell, name, variables);
}

fn me() -> PathBuf {
    env::current_exe().expect("this test runs")
}

fn once_more(mut again: Command, name: &str, variables: &[(&str, &str)]) {
    for (variable, _) in env::vars_os() {
        let name = variable.to_string_lossy().to_ascii_lowercase();
        if name.ends_with("_proxy") {
            again.env_remove(variable);
        }
    }
    let output = again
        .args(["--exact", name, "--nocapture"])
        .env(AGAIN, "")
        .envs(variables.iter().copied())
        .output()
        .expect("it runs once more");
    let told = String::from_utf8_lossy(&output.stdout);
    let complaints = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success() && told.contains("1 passed"),
        "{told}{complaints}"
    );
}

/// How many descriptors this process has.
pub(crate) fn descriptors() -> usize {
    // The servers of the test have let go of what has ended by then.
    thread::sleep(Duration::from_millis(300));
    open_descriptors()
}

/// Asserts that no descriptor was left open since there were `before`.
pub(crate) fn assert_descriptors(before: usize) {
    for _ in 0..250 {
        if open_descriptors() <= before {
            return;
        }
        thread::sleep(Duration::from_millis(20));
    }
    panic!("{} descriptors, {before} before", open_descriptors());
}

fn open_descriptors() -> usize {
    let descriptors = fs::read_dir("/proc/self/fd");
    descriptors.expect("Linux tells the descriptors").count()
}
