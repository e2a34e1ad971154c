//! The programs: Redis, the room server, and nginx.

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::{SocketAddr, TcpListener};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;
use std::{env, process, thread};

/// The configuration that the docs show.
const PAGE: &str = include_str!("../../../../src/docs/many_machines.md");

/// A running program, which ends with this value, and its directory.
struct Program {
    child: Child,
    dir: PathBuf,
}

impl Program {
    fn start(mut command: Command, dir: PathBuf) -> Program {
        let name = command.get_program().to_owned();
        let child = command.spawn();
        let child = child.unwrap_or_else(|e| panic!("{name:?}: {e}; run `cargo xtask setup`"));
        Program { child, dir }
    }

    /// Without a chance to say anything.
    fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// Asks it to end.
    fn terminate(&self) {
        let kill = Command::new("kill")
            .arg(self.child.id().to_string())
            .status();
        assert!(kill.expect("every Unix has it").success());
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        self.kill();
        let _ = fs::remove_dir_all(&self.dir);
    }
}

/// Redis at a Unix socket, without files.
pub struct Redis(Program);

impl Redis {
    pub fn start() -> Redis {
        let dir = directory();
        let socket = dir.join("redis.sock");
        let mut command = Command::new("redis-server");
        command
            .args(["--port", "0", "--save", "", "--appendonly", "no"])
            .args(["--daemonize", "no", "--logfile", "log"])
            .arg("--dir")
            .arg(&dir)
            .arg("--unixsocket")
            .arg(&socket)
            .stdout(Stdio::null());
        let mut redis = Redis(Program::start(command, dir));
        while UnixStream::connect(&socket).is_err() {
            assert!(
                redis.0.child.try_wait().unwrap().is_none(),
                "it does not start"
            );
            thread::sleep(Duration::from_millis(10));
        }
        redis
    }

    pub fn kill(&mut self) {
        self.0.kill();
    }

    fn url(&self) -> String {
        format!("redis+unix://{}", self.0.dir.join("redis.sock").display())
    }
}

/// A process of the room server.
pub struct Rooms {
    program: Program,
    address: SocketAddr,
}

impl Rooms {
    pub fn start(redis: &Redis) -> Rooms {
        let mut command = Command::new(env!("CARGO_BIN_EXE_rooms"));
        command.args(["127.0.0.1:0", &redis.url()]);
        command.stdout(Stdio::piped());
        let mut program = Program::start(command, directory());
        let mut address = String::new();
        let output = program.child.stdout.take().expect("it is piped");
        BufReader::new(output).read_line(&mut address).unwrap();
        let address = address.trim().parse().expect("it prints its address");
        Rooms { program, address }
    }

    pub fn id(&self) -> u32 {
        self.program.child.id()
    }

    pub fn kill(&mut self) {
        self.program.kill();
    }

    pub fn terminate(&self) {
        self.program.terminate();
    }

    /// How it has ended, once it has.
    pub async fn ended(&mut self) -> ExitStatus {
        loop {
            if let Some(status) = self.program.child.try_wait().unwrap() {
                return status;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}

/// nginx in front of both.
pub struct Balancer {
    program: Program,
    address: SocketAddr,
}

impl Balancer {
    pub fn start(rooms: [&Rooms; 2]) -> Balancer {
        let dir = directory();
        // nginx takes over a socket that listens already, as it does from the nginx before it, so it
        // needs no port that was chosen beforehand.
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let config = dir.join("nginx.conf");
        fs::write(&config, configuration(&dir, address, rooms)).unwrap();
        let mut command = Command::new(find("nginx"));
        command
            .env("NGINX", "0;")
            .stdin(OwnedFd::from(listener))
            .arg("-p")
            .arg(&dir)
            .args(["-e", "log", "-c"])
            .arg(config);
        Balancer {
            program: Program::start(command, dir),
            address,
        }
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Balancer {
    /// It ends its worker only when it is asked to end.
    fn drop(&mut self) {
        self.program.terminate();
        let _ = self.program.child.wait();
    }
}

/// That of the docs, with the addresses of this test and without files elsewhere.
fn configuration(dir: &Path, address: SocketAddr, rooms: [&Rooms; 2]) -> String {
    let (_, block) = PAGE.split_once("```nginx\n").expect("the page has it");
    let (block, _) = block.split_once("```").expect("the block ends");
    let mut config = block.to_owned();
    for (shown, used) in [
        ("10.0.0.1:9000", rooms[0].address.to_string()),
        ("10.0.0.2:9000", rooms[1].address.to_string()),
        ("listen 80;", format!("listen {address};")),
        (
            "http {",
            format!("http {{ access_log off; {}", temporary(dir)),
        ),
    ] {
        assert_eq!(config.matches(shown).count(), 1, "{shown}");
        config = config.replace(shown, &used);
    }
    format!("daemon off; worker_processes 1; pid pid; error_log log;\n{config}")
}

fn temporary(dir: &Path) -> String {
    ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .map(|name| format!("{name}_temp_path {}/{name};", dir.display()))
        .concat()
}

/// A new directory.
fn directory() -> PathBuf {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let dir = env::temp_dir().join(format!("machines-{}-{count}", process::id()));
    fs::create_dir_all(&dir).unwrap();
    dir
}

/// System administrators' programs are not in everybody's `PATH`.
fn find(name: &str) -> PathBuf {
    let path = Path::new("/usr/sbin").join(name);
    if path.exists() { path } else { name.into() }
}
