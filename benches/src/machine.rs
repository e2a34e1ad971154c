//! What the operating system tells and does.

use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use nix::sys::resource::{Resource, UsageWho, getrlimit, getrusage, setrlimit};
use nix::sys::time::TimeValLike;

/// Where a process runs, so that client and server do not share a core.
#[derive(Clone, Copy, Debug)]
pub enum Side {
    Client,
    Server,
}

/// Keeps this thread, and those it starts from now on, on the core of its side. Where there is but
/// one core or the system does not allow it, nothing happens.
pub fn pin(side: Side) {
    let cores = core_affinity::get_core_ids().unwrap_or_default();
    if let [first, second, ..] = cores[..] {
        core_affinity::set_for_current(match side {
            Side::Client => first,
            Side::Server => second,
        });
    }
}

/// Allows as many open files as the system lets us have.
pub fn raise_file_limit() -> Result<()> {
    let (_, hard) = getrlimit(Resource::RLIMIT_NOFILE)?;
    Ok(setrlimit(Resource::RLIMIT_NOFILE, hard, hard)?)
}

/// The resident memory of a process in bytes.
pub fn resident_memory(process: u32) -> Result<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status"))
        .context("resident memory can only be read on Linux")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib = line.and_then(|line| line.trim().strip_suffix(" kB"));
    Ok(kib.context("VmRSS is not in KiB")?.trim().parse::<u64>()? * 1024)
}

/// The processor's time in all threads of another process that are still there.
pub fn cpu_time_of(process: u32) -> Result<Duration> {
    let threads = std::fs::read_dir(format!("/proc/{process}/task"))
        .context("the time of another process can only be read on Linux")?;
    let mut nanoseconds = 0;
    for thread in threads {
        let path = thread?.path().join("schedstat");
        // A thread may have ended since it was listed.
        let Ok(statistics) = std::fs::read_to_string(path) else {
            continue;
        };
        let ran = statistics.split(' ').next().context("it holds numbers")?;
        nanoseconds += ran.parse::<u64>()?;
    }
    Ok(Duration::from_nanos(nanoseconds))
}

/// The time that went by, and that of the processor in all threads of this process.
#[derive(Debug)]
pub struct Stopwatch {
    started: Instant,
    cpu: Duration,
}

/// What something took.
#[derive(Clone, Copy, Debug, Default)]
pub struct Cost {
    pub elapsed: Duration,
    pub cpu: Duration,
}

impl Stopwatch {
    pub fn start() -> Stopwatch {
        Stopwatch {
            cpu: cpu_time(),
            started: Instant::now(),
        }
    }

    pub fn stop(self) -> Cost {
        Cost {
            elapsed: self.started.elapsed(),
            cpu: cpu_time() - self.cpu,
        }
    }
}

fn cpu_time() -> Duration {
    let usage = getrusage(UsageWho::RUSAGE_SELF).expect("a process may ask for its own usage");
    let time = usage.user_time() + usage.system_time();
    Duration::from_micros(time.num_microseconds() as u64)
}
