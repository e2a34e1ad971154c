//! The libraries as servers, each in a process of its own.

use std::io::{BufRead, BufReader};
use std::net::{Ipv4Addr, TcpListener};
use std::process::{Child, Command, Stdio};
use std::thread;

use anyhow::{Context, Result};

use crate::libraries::with_library;
use crate::library::{BroadcastServer, EchoServer};
use crate::load::Target;
use crate::machine::{self, Side, raise_file_limit};

/// What a server does with a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Service {
    Echo,
    Broadcast,
}

impl Service {
    /// The role of the process.
    pub fn role(self) -> &'static str {
        match self {
            Service::Echo => "serve-echo",
            Service::Broadcast => "serve-broadcast",
        }
    }
}

/// Serves for ever, and tells the port first.
pub fn serve(library: &str, service: Service) -> Result<()> {
    raise_file_limit()?;
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    println!("{}", listener.local_addr()?.port());
    match service {
        Service::Echo => with_library!(
            library,
            [
                QWebSocket,
                AsyncTungstenite,
                TokioTungstenite,
                TokioWebSockets,
                FastWebSockets,
                Yawc,
                Wtx,
                SockudoWs
            ],
            echo(listener)
        ),
        Service::Broadcast => with_library!(
            library,
            [
                QWebSocket,
                TokioTungstenite,
                TokioWebSockets,
                FastWebSockets,
                SockudoWs
            ],
            broadcast(listener)
        ),
    }
    Ok(())
}

fn echo<L: EchoServer>(listener: TcpListener) {
    L::block_on(L::echo(listener));
}

fn broadcast<L: BroadcastServer>(listener: TcpListener) {
    L::block_on(L::broadcast(listener));
}

/// A server that is a process on its own core; dropping it ends it.
#[derive(Debug)]
pub struct Running {
    child: Child,
    port: u16,
}

impl Running {
    /// Starts a program whose first line is its port.
    pub fn start(command: &mut Command) -> Result<Running> {
        command.stdin(Stdio::null()).stdout(Stdio::piped());
        // A process inherits the core of the thread that starts it.
        let spawned = thread::scope(|scope| {
            let spawn = scope.spawn(|| {
                machine::pin(Side::Server);
                command.spawn()
            });
            spawn.join().expect("starting a process does not panic")
        });
        let mut child = spawned.with_context(|| format!("{command:?} cannot be started"))?;
        let stdout = child.stdout.take().context("it is piped")?;
        // From here on, whatever fails ends the process.
        let mut running = Running { child, port: 0 };
        let mut port = String::new();
        BufReader::new(stdout).read_line(&mut port)?;
        running.port = port.trim().parse().context("a server tells its port")?;
        Ok(running)
    }

    pub fn target(&self) -> Target {
        Target {
            process: self.child.id(),
            port: self.port,
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
