use std::sync::LazyLock;
use std::time::{Duration, Instant};

/// Time since some point in the past; it never goes back.
pub(crate) fn now() -> Duration {
    #[cfg(test)]
    if let Some(now) = super::virtual_time::now() {
        return now;
    }
    static START: LazyLock<Instant> = LazyLock::new(Instant::now);
    START.elapsed()
}
