//! `bench --builds`: what the smallest client costs to compile, beside those of the other libraries.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::process;
use crate::project::Project;

/// A program that says hello and reads one answer.
struct Hello {
    name: &'static str,
    /// Lines of its manifest, in which `LIBRARY` is the place of ours.
    dependencies: &'static str,
    source: &'static str,
}

const TOKIO: &str = "tokio = { version = '1', features = ['rt'] }";

const HELLOS: &[Hello] = &[
    Hello {
        name: "qwebsocket, tokio, rustls",
        dependencies: "qwebsocket = { path = 'LIBRARY', default-features = false, \
                       features = ['tokio', 'rustls'] }",
        source: OURS_ON_TOKIO,
    },
    // It leaves the choice of a provider to the program, which is to have that of ours.
    Hello {
        name: "tokio-tungstenite, rustls",
        dependencies: "tokio-tungstenite = { version = '0.30', features = ['rustls-tls-native-roots'] }\n\
                       rustls = { version = '0.23', default-features = false, features = ['ring'] }\n\
                       futures-util = { version = '0.3', default-features = false, features = ['sink'] }",
        source: TOKIO_TUNGSTENITE,
    },
    Hello {
        name: "ewebsock, rustls",
        dependencies: "ewebsock = { version = '0.8', features = ['tls'] }",
        source: EWEBSOCK,
    },
    Hello {
        name: "qwebsocket, tokio, native-tls",
        dependencies: "qwebsocket = { path = 'LIBRARY', default-features = false, \
                       features = ['tokio', 'native-tls'] }",
        source: OURS_ON_TOKIO,
    },
    Hello {
        name: "tokio-tungstenite, native-tls",
        dependencies: "tokio-tungstenite = { version = '0.30', features = ['native-tls'] }\n\
                       futures-util = { version = '0.3', default-features = false, features = ['sink'] }",
        source: TOKIO_TUNGSTENITE,
    },
    Hello {
        name: "qwebsocket",
        dependencies: "qwebsocket = { path = 'LIBRARY' }\nasync-std = '1.13'",
        source: OURS_ON_ASYNC_STD,
    },
];

const OURS_ON_ASYNC_STD: &str = r#"
use qwebsocket::prelude::*;

fn main() -> Result<(), qwebsocket::Error> {
    let url = std::env::args().nth(1).unwrap();
    async_std::task::block_on(async {
        let socket = Socket::connect(url).await?;
        socket.send_text("hello")?;
        println!("{:?}", socket.next_message().await.transpose()?);
        Ok(())
    })
}
"#;

const OURS_ON_TOKIO: &str = r#"
use qwebsocket::prelude::*;

fn main() -> Result<(), qwebsocket::Error> {
    let url = std::env::args().nth(1).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let socket = Socket::connect(url).await?;
        socket.send_text("hello")?;
        println!("{:?}", socket.next_message().await.transpose()?);
        Ok(())
    })
}
"#;

const TOKIO_TUNGSTENITE: &str = r#"
use futures_util::{SinkExt, StreamExt};

fn main() -> Result<(), tokio_tungstenite::tungstenite::Error> {
    let url = std::env::args().nth(1).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let (mut socket, _) = tokio_tungstenite::connect_async(url).await?;
        socket.send("hello".into()).await?;
        println!("{:?}", socket.next().await.transpose()?);
        Ok(())
    })
}
"#;

const EWEBSOCK: &str = r#"
fn main() -> Result<(), ewebsock::Error> {
    let url = std::env::args().nth(1).unwrap();
    let (mut sender, receiver) = ewebsock::connect(url, ewebsock::Options::default())?;
    sender.send(ewebsock::WsMessage::Text("hello".into()));
    loop {
        match receiver.try_recv() {
            Some(ewebsock::WsEvent::Message(message)) => {
                println!("{message:?}");
                return Ok(());
            }
            Some(_) => {}
            None => std::thread::sleep(std::time::Duration::from_millis(10)),
        }
    }
}
"#;

/// What a program takes.
struct Built {
    name: &'static str,
    crates: usize,
    /// Seconds of all processors together, for a dev build from nothing.
    cpu: f64,
    /// The stripped program of a release build.
    bytes: u64,
}

/// What ours may take at most, in crates and as a multiple of another's.
struct Goal {
    ours: &'static str,
    crates: usize,
    other: &'static str,
    multiple: f64,
}

const GOAL: Goal = Goal {
    ours: "qwebsocket, tokio, rustls",
    crates: 75,
    other: "tokio-tungstenite, rustls",
    multiple: 1.3,
};

/// Returns whether the goal is met.
pub fn run(project: &Project) -> Result<bool> {
    println!(
        "{:<32} {:>6} {:>14} {:>17}",
        "", "crates", "s of CPU, dev", "stripped, release"
    );
    let mut all = Vec::new();
    for hello in HELLOS {
        let built = hello.measure(project)?;
        println!(
            "{:<32} {:>6} {:>14.1} {:>14.2} MB",
            built.name,
            built.crates,
            built.cpu,
            built.bytes as f64 / 1e6
        );
        all.push(built);
    }
    let missed = GOAL.missed(&all)?;
    for line in &missed {
        println!("MISSED: {line}");
    }
    Ok(missed.is_empty())
}

impl Goal {
    /// What exceeds it.
    fn missed(&self, all: &[Built]) -> Result<Vec<String>> {
        let find = |name| {
            let found = all.iter().find(|built| built.name == name);
            found.with_context(|| format!("{name} was not built"))
        };
        let (ours, other) = (find(self.ours)?, find(self.other)?);
        let mut missed = Vec::new();
        if ours.crates > self.crates {
            missed.push(format!(
                "{} has more than {} crates",
                ours.name, self.crates
            ));
        }
        for (what, multiple) in [
            ("CPU", ours.cpu / other.cpu),
            ("size", ours.bytes as f64 / other.bytes as f64),
        ] {
            println!("{what} of {}: {multiple:.2} of {}", ours.name, other.name);
            if multiple > self.multiple {
                missed.push(format!("its {what} is more than {} of it", self.multiple));
            }
        }
        Ok(missed)
    }
}

impl Hello {
    fn measure(&self, project: &Project) -> Result<Built> {
        let folder = project
            .own
            .join("builds")
            .join(self.name.replace(", ", "-"));
        self.write(&folder, &project.root)?;
        let crates = crates(project, &folder)?;
        let cpu = build(project, &folder, "dev")?;
        build(project, &folder, "release")?;
        let program = folder.join("target").join("release").join("hello");
        let program = fs::metadata(&program).context("cargo built no program")?;
        let built = Built {
            name: self.name,
            crates,
            cpu,
            bytes: program.len(),
        };
        fs::remove_dir_all(&folder)?;
        Ok(built)
    }

    /// A package outside of every workspace, so that nothing is built for others.
    fn write(&self, folder: &Path, library: &Path) -> Result<()> {
        let library = library.to_str().context("a path is not UTF-8")?;
        let dependencies = self.dependencies.replace("LIBRARY", library);
        let runtime = match self.source.contains("tokio::runtime") {
            true => TOKIO,
            false => "",
        };
        let manifest = format!(
            "[package]\nname = 'hello'\nversion = '0.0.0'\nedition = '2024'\n\n\
             [dependencies]\n{dependencies}\n{runtime}\n\n\
             [profile.release]\nstrip = true\n\n[workspace]\n"
        );
        if folder.exists() {
            fs::remove_dir_all(folder)?;
        }
        fs::create_dir_all(folder.join("src"))?;
        fs::write(folder.join("Cargo.toml"), manifest)?;
        fs::write(folder.join("src").join("main.rs"), self.source)?;
        Ok(())
    }
}

/// How many crates the program needs on this machine, besides itself and what only builds others.
fn crates(project: &Project, folder: &Path) -> Result<usize> {
    let mut cargo = cargo(project, folder, "tree");
    let tree = process::output(cargo.args(["--edges", "normal", "--prefix", "none"]))?;
    let mut crates: Vec<_> = tree
        .lines()
        .map(|line| line.trim_end_matches(" (*)"))
        .collect();
    crates.sort_unstable();
    crates.dedup();
    Ok(crates.len() - 1)
}

/// Builds from nothing; the seconds of all processors together.
fn build(project: &Project, folder: &Path, profile: &str) -> Result<f64> {
    // What is downloaded is not counted.
    process::run(cargo(project, folder, "fetch").arg("--quiet"))?;
    let mut shell = project.command("sh");
    shell.args([
        "-c",
        r#"cargo build --quiet --profile "$0" --manifest-path "$1" && times"#,
    ]);
    shell.arg(profile).arg(folder.join("Cargo.toml"));
    shell
        .env("CARGO_INCREMENTAL", "0")
        .env("CARGO_TARGET_DIR", folder.join("target"));
    let times = process::output(&mut shell)?;
    let of_children = times.lines().last().context("the shell tells no times")?;
    of_children.split_whitespace().map(seconds).sum()
}

/// POSIX has minutes and seconds: `1m2.34s`.
fn seconds(text: &str) -> Result<f64> {
    let parts = text.strip_suffix('s').and_then(|text| text.split_once('m'));
    let (minutes, seconds) = parts.with_context(|| format!("{text:?} is no time"))?;
    Ok(minutes.parse::<f64>()? * 60.0 + seconds.parse::<f64>()?)
}

fn cargo(project: &Project, folder: &Path, command: &str) -> Command {
    let manifest: PathBuf = folder.join("Cargo.toml");
    let mut cargo = project.command("cargo");
    cargo.arg(command).arg("--manifest-path").arg(manifest);
    cargo
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_goal_has_figures_that_are_measured() {
        let names: Vec<_> = HELLOS.iter().map(|hello| hello.name).collect();
        assert!(
            [GOAL.ours, GOAL.other]
                .iter()
                .all(|name| names.contains(name))
        );
    }

    #[test]
    fn times_are_read() {
        assert_eq!(seconds("2m3.50s").unwrap(), 123.5);
        assert!(seconds("3.5").is_err());
    }
}
