//! Starting other programs, and ending every one of them with us.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};

/// The process groups to end when a signal ends us.
static GROUPS: Mutex<Vec<u32>> = Mutex::new(Vec::new());

/// How long a server may take until it listens.
const SERVER_PATIENCE: Duration = Duration::from_secs(30);

/// On Ctrl-C or a termination, ends what is still running before it ends us.
pub fn end_children_on_signals() -> Result<()> {
    ctrlc::set_handler(|| {
        for group in groups().iter() {
            end_group(*group);
        }
        std::process::exit(130);
    })
    .context("cannot listen for Ctrl-C")
}

/// Runs a command to its end with our own input and output; its failure is an error.
pub fn run(command: &mut Command) -> Result<()> {
    let status = command
        .status()
        .with_context(|| format!("cannot start {}", shown(command)))?;
    check(status, command)
}

/// What a command wrote to its standard output, trimmed.
pub fn output(command: &mut Command) -> Result<String> {
    let output = command
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .with_context(|| format!("cannot start {}", shown(command)))?;
    check(output.status, command)?;
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// Whether a command can be started and succeeds; it stays silent.
pub fn succeeds(command: &mut Command) -> bool {
    let command = command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

/// The command as one could type it, but for `PATH`.
pub fn shown(command: &Command) -> String {
    let variables = command
        .get_envs()
        .filter(|(name, _)| *name != "PATH")
        .map(|(name, value)| format!("{}={}", name.display(), quoted(value.unwrap_or_default())));
    let words = std::iter::once(command.get_program())
        .chain(command.get_args())
        .map(quoted);
    variables.chain(words).collect::<Vec<_>>().join(" ")
}

fn quoted(word: &OsStr) -> String {
    let word = word.to_string_lossy();
    let is_plain = |c: char| c.is_alphanumeric() || "-_./:=@,+".contains(c);
    if word.chars().all(is_plain) {
        word.into_owned()
    } else {
        format!("'{word}'")
    }
}

fn check(status: ExitStatus, command: &Command) -> Result<()> {
    ensure!(status.success(), "`{}` failed ({status})", shown(command));
    Ok(())
}

/// A program in a process group of its own. Dropping it ends the whole group.
pub struct Running {
    child: Child,
    shown: String,
}

impl Running {
    /// Starts a program whose lines are wanted; it has no input to read.
    pub fn piped(command: &mut Command) -> Result<Self> {
        Self::start(command.stdin(Stdio::null()).stdout(Stdio::piped()))
    }

    /// The same for a program that writes its lines as errors.
    pub fn piped_errors(command: &mut Command) -> Result<Self> {
        Self::start(command.stdin(Stdio::null()).stderr(Stdio::piped()))
    }

    /// Starts a program of whose input and output nothing is wanted.
    pub fn silent(command: &mut Command) -> Result<Self> {
        Self::start(
            command
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .stderr(Stdio::null()),
        )
    }

    /// Starts a server whose input stays open as long as we live: it may end when that closes.
    /// Returns the text behind `announcement` in the first line that holds it.
    pub fn server(command: &mut Command, announcement: &str) -> Result<(Self, String)> {
        let mut server = Self::start(command.stdin(Stdio::piped()).stdout(Stdio::piped()))?;
        let lines = server.lines();
        let deadline = Instant::now() + SERVER_PATIENCE;
        loop {
            let line = lines
                .recv_timeout(deadline.saturating_duration_since(Instant::now()))
                .with_context(|| format!("`{}` never said `{announcement}…`", server.shown))?;
            let Some((_, address)) = line.split_once(announcement) else {
                continue;
            };
            // A server that goes on talking must not block on a full pipe.
            thread::spawn(move || lines.iter().for_each(|line| println!("{line}")));
            return Ok((server, address.trim().to_owned()));
        }
    }

    fn start(command: &mut Command) -> Result<Self> {
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(command, 0);
        let child = command
            .spawn()
            .with_context(|| format!("cannot start {}", shown(command)))?;
        groups().push(child.id());
        Ok(Self {
            child,
            shown: shown(command),
        })
    }

    /// Hands each line of its output to `line` until it ended, which has to be with success and
    /// within `limit`.
    pub fn each_line(mut self, limit: Duration, mut line: impl FnMut(&str)) -> Result<()> {
        let deadline = Instant::now() + limit;
        let lines = self.lines();
        loop {
            match lines.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
                Ok(text) => line(&text),
                Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) => {
                    bail!("`{}` had not ended after {} s", self.shown, limit.as_secs())
                }
            }
        }
        let status = self.child.wait()?;
        ensure!(status.success(), "`{}` failed ({status})", self.shown);
        Ok(())
    }

    /// Its output as it comes, so that waiting for it can end.
    fn lines(&mut self) -> mpsc::Receiver<String> {
        let stdout = self.child.stdout.take().map(boxed);
        let output = stdout
            .or_else(|| self.child.stderr.take().map(boxed))
            .expect("started with a pipe, and taken once");
        let (sender, lines) = mpsc::channel();
        thread::spawn(move || {
            BufReader::new(output)
                .split(b'\n')
                .map_while(Result::ok)
                .map(|line| {
                    String::from_utf8_lossy(&line)
                        .trim_end_matches('\r')
                        .to_owned()
                })
                .try_for_each(|line| sender.send(line))
        });
        lines
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let group = self.child.id();
        end_group(group);
        // Where there are no process groups, the child alone; elsewhere it is gone already.
        let _ = self.child.kill();
        let _ = self.child.wait();
        groups().retain(|other| *other != group);
    }
}

fn boxed(output: impl Read + Send + 'static) -> Box<dyn Read + Send> {
    Box::new(output)
}

fn groups() -> MutexGuard<'static, Vec<u32>> {
    GROUPS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The standard library cannot signal a group; every Unix shell can.
fn end_group(group: u32) {
    if cfg!(unix) {
        succeeds(Command::new("sh").args(["-c", &format!("kill -s TERM -- -{group}")]));
    }
}
