//! mosquitto with MQTT over WebSocket: `cargo xtask setup` installs it.

use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{self, Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};
use std::{env, fs, io, thread};

/// More than it takes to start.
const PATIENCE: Duration = Duration::from_secs(10);

/// A free port may be somebody else's when mosquitto wants it.
const ATTEMPTS: u32 = 5;

/// Where it listens besides.
const SOCKET: &str = "socket";

/// A running mosquitto; it ends with this value.
pub(crate) struct Broker {
    child: Child,
    dir: PathBuf,
    port: u16,
}

impl Broker {
    pub(crate) fn start() -> io::Result<Broker> {
        let mut attempts = 1;
        loop {
            match Broker::try_start() {
                Err(error) if attempts == ATTEMPTS => return Err(error),
                Err(_) => attempts += 1,
                started => return started,
            }
        }
    }

    pub(crate) fn url(&self) -> String {
        format!("ws://127.0.0.1:{}/", self.port)
    }

    fn try_start() -> io::Result<Broker> {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let dir = env::temp_dir().join(format!("qwebsocket-mqtt-{}-{count}", process::id()));
        fs::create_dir_all(&dir)?;
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?
            .local_addr()?
            .port();
        let config = dir.join("mosquitto.conf");
        let socket = dir.join(SOCKET);
        // With no listener besides, version 2.0.11 gives up. As root it would change its user, who
        // cannot write here.
        let lines = format!(
            "listener {port} 127.0.0.1\n\
             protocol websockets\n\
             listener 0 {}\n\
             allow_anonymous true\n\
             user root\n",
            socket.display()
        );
        fs::write(&config, lines)?;
        let child = Command::new(program())
            .arg("-c")
            .arg(&config)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        let mut broker = Broker { child, dir, port };
        broker.wait()?;
        Ok(broker)
    }

    /// Waits until it listens.
    fn wait(&mut self) -> io::Result<()> {
        let begin = Instant::now();
        // The last one that it opens.
        let socket = self.dir.join(SOCKET);
        while !socket.exists() || TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).is_err() {
            if self.child.try_wait()?.is_some() || begin.elapsed() > PATIENCE {
                return Err(io::Error::other("mosquitto does not listen"));
            }
            thread::sleep(Duration::from_millis(10));
        }
        Ok(())
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = fs::remove_dir_all(&self.dir);
    }
}

/// System administrators' programs are not in everybody's `PATH`.
fn program() -> PathBuf {
    let path = PathBuf::from("/usr/sbin/mosquitto");
    if path.exists() {
        path
    } else {
        "mosquitto".into()
    }
}
