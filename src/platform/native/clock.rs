use std::sync::LazyLock;
use std::time::{Duration, Instant};

use super::runtime::instant;
use super::virtual_time;

/// The reading of the clock at [`START`], so that a clock which a test has stopped, and so stays
/// behind, is never below 0.
const HEAD_START: Duration = Duration::from_secs(1 << 32);

static START: LazyLock<Instant> = LazyLock::new(Instant::now);

/// Time since some point in the past by the clock of the runtime that is here; it never goes back.
pub(crate) fn now() -> Duration {
    if let Some(now) = virtual_time::now() {
        return now;
    }
    let now = instant();
    match now.checked_duration_since(*START) {
        Some(elapsed) => HEAD_START + elapsed,
        None => HEAD_START.saturating_sub(START.duration_since(now)),
    }
}
