//! `openssl s_server`, which knows nothing of WebSocket, in front of a server that does.

use std::fs;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, Shutdown, TcpStream};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::programs::free_port;
use crate::tls::temporary;

const PATIENCE: Duration = Duration::from_secs(20);

/// Takes one connection. What is in it goes through its standard output and input.
pub(crate) struct SServer {
    child: Child,
    port: u16,
    log: String,
}

impl SServer {
    /// With these arguments, in front of the server at this `HOST:PORT`.
    pub(crate) fn start(arguments: &[&str], server: &str) -> SServer {
        let port = free_port();
        let log = temporary(&format!("s_server-{port}.log"));
        let mut child = Command::new("openssl")
            // To see whether it is there takes a connection, too.
            .args(["s_server", "-quiet", "-naccept", "2", "-accept"])
            .arg(format!("127.0.0.1:{port}"))
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(fs::File::create(&log).unwrap())
            .spawn()
            .unwrap_or_else(|error| panic!("openssl: {error}; run `cargo xtask setup`"));
        let pipes = (child.stdout.take().unwrap(), child.stdin.take().unwrap());
        let server = server.to_owned();
        thread::spawn(move || pass_on(pipes, &server));
        let mut program = SServer { child, port, log };
        let begin = Instant::now();
        while TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_err() {
            let has_ended = program.child.try_wait().unwrap().is_some();
            if has_ended || begin.elapsed() > PATIENCE {
                panic!("s_server does not start: {}", program.complaints());
            }
            thread::sleep(Duration::from_millis(20));
        }
        program
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// What it says is wrong, once it has ended.
    pub(crate) fn errors(mut self) -> String {
        self.child.wait().unwrap();
        self.complaints()
    }

    fn complaints(&self) -> String {
        fs::read_to_string(&self.log).unwrap_or_default()
    }
}

impl Drop for SServer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = fs::remove_file(&self.log);
    }
}

fn pass_on((mut from_client, to_client): (ChildStdout, ChildStdin), server: &str) {
    let mut first = [0; 1 << 14];
    let Ok(length @ 1..) = from_client.read(&mut first) else {
        return;
    };
    let mut server = TcpStream::connect(server).unwrap();
    let answers = server.try_clone().unwrap();
    // At the end of its input it would spin, so that stays open as long as it runs.
    thread::spawn(move || {
        let mut to_client = to_client;
        copy(answers, &mut to_client);
        thread::park_timeout(PATIENCE);
    });
    server.write_all(&first[..length]).unwrap();
    copy(from_client, &mut server);
    let _ = server.shutdown(Shutdown::Write);
}

/// `io::copy` lets the kernel do it, which keeps the ends of messages back.
fn copy(mut from: impl Read, to: &mut impl Write) {
    let mut buffer = [0; 1 << 14];
    while let Ok(length @ 1..) = from.read(&mut buffer) {
        if to
            .write_all(&buffer[..length])
            .and_then(|()| to.flush())
            .is_err()
        {
            break;
        }
    }
}
