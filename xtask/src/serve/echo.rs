//! The example `echo_server`, which can be gone for a while.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result};

use crate::process::{self, Running};
use crate::project::Project;

const EXAMPLE: &str = "echo_server";

const LONGEST_BREAK: Duration = Duration::from_secs(30);

pub struct EchoServer {
    program: PathBuf,
    url: String,
    process: Option<Running>,
}

impl EchoServer {
    /// On a free port, which it keeps.
    pub fn start(project: &Project) -> Result<Self> {
        let mut cargo = project.command("cargo");
        // Selected out of the whole workspace, so that it shares its dependencies with the tests.
        process::run(cargo.args(["build", "--workspace", "--example", EXAMPLE]))?;
        let program = project.native_example(EXAMPLE);
        let (process, url) = listening(&program, "0")?;
        println!("The example {EXAMPLE} listens on {url}");
        Ok(Self {
            program,
            url,
            process: Some(process),
        })
    }

    pub fn url(&self) -> &str {
        &self.url
    }

    /// Tells in a file, for the page, where the server is.
    pub fn describe(&self, file: &Path) -> Result<()> {
        let about = serde_json::json!({ "url": self.url });
        Ok(fs::write(file, about.to_string())?)
    }

    /// Ends it as a crash would, and starts it again on the same port.
    pub fn restart(&mut self, milliseconds: &str) -> Result<()> {
        let pause = Duration::from_millis(milliseconds.parse().unwrap_or(0)).min(LONGEST_BREAK);
        println!("{EXAMPLE} is gone for {} ms", pause.as_millis());
        self.stop();
        thread::sleep(pause);
        let (_, port) = self.url.rsplit_once(':').context("a URL without a port")?;
        let (process, _) = listening(&self.program, port)?;
        println!("{EXAMPLE} is back");
        self.process = Some(process);
        Ok(())
    }

    pub fn stop(&mut self) {
        self.process = None;
    }
}

fn listening(program: &Path, port: &str) -> Result<(Running, String)> {
    Running::server(
        Command::new(program).args(["--port", port]),
        "listening on ",
    )
}
