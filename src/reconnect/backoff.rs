//! How long to wait before the next attempt: exponential backoff with full jitter.

use std::time::Duration;

use crate::platform;

#[derive(Clone, Debug)]
pub(crate) struct Backoff {
    pub(crate) first: Duration,
    pub(crate) maximum: Duration,
    pub(crate) attempts: Option<u32>,
    pub(crate) uptime: Duration,
    pub(crate) random: SplitMix64,
    /// Attempts in a row that led to no lasting connection.
    failures: u32,
}

impl Backoff {
    pub(super) fn new() -> Backoff {
        Backoff {
            first: Duration::from_millis(500),
            maximum: Duration::from_secs(30),
            attempts: None,
            uptime: Duration::from_secs(10),
            random: SplitMix64(platform::random()),
            failures: 0,
        }
    }

    /// The number of the attempt that comes next, counted from 1.
    pub(super) fn attempt(&self) -> u32 {
        self.failures.saturating_add(1)
    }

    pub(super) fn reset(&mut self) {
        self.failures = 0;
    }

    /// A connection that lasted so long has ended.
    pub(super) fn lost(&mut self, uptime: Duration) {
        if uptime >= self.uptime {
            self.reset();
        } else {
            self.failed();
        }
    }

    /// There was no connection.
    pub(super) fn failed(&mut self) {
        self.failures = self.failures.saturating_add(1);
    }

    pub(super) fn is_exhausted(&self) -> bool {
        self.attempts.is_some_and(|limit| self.failures >= limit)
    }

    /// Full jitter: anything between 0 and a bound that doubles with each failure, so that those
    /// who were disconnected together do not come back together.
    pub(super) fn delay(&mut self) -> Duration {
        let doublings = self.failures.saturating_sub(1).min(31);
        let bound = self.first.saturating_mul(1 << doublings);
        let seconds = bound.min(self.maximum).as_secs_f64() * self.random.fraction();
        // Not `Duration::from_secs_f64`, which is a kilobyte in wasm.
        Duration::from_nanos((seconds * 1e9) as u64)
    }
}

/// Sebastiano Vigna's SplitMix64: small, and good enough to spread delays.
#[derive(Clone, Debug)]
pub(crate) struct SplitMix64(pub(crate) u64);

impl SplitMix64 {
    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// At least 0, less than 1.
    fn fraction(&mut self) -> f64 {
        const BITS: u32 = f64::MANTISSA_DIGITS;
        (self.next() >> (64 - BITS)) as f64 / (1_u64 << BITS) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: Duration = Duration::from_millis(1);

    fn backoff() -> Backoff {
        Backoff {
            first: 100 * MS,
            maximum: 1500 * MS,
            random: SplitMix64(7),
            ..Backoff::new()
        }
    }

    /// The largest of many delays after so many failures.
    fn largest(failures: u32) -> Duration {
        let mut backoff = Backoff {
            failures,
            ..backoff()
        };
        (0..2000).map(|_| backoff.delay()).max().unwrap()
    }

    #[test]
    fn the_bound_doubles_up_to_the_maximum() {
        for (failures, bound) in [(0, 100), (1, 100), (2, 200), (3, 400), (4, 800), (5, 1500)] {
            let (largest, bound) = (largest(failures), bound * MS);
            assert!(
                largest < bound && largest > bound.mul_f64(0.98),
                "{failures}"
            );
        }
        assert!(largest(u32::MAX) < 1500 * MS);
    }

    #[test]
    fn delays_are_spread_evenly_and_repeat_with_the_seed() {
        let mut backoff = backoff();
        let mut again = backoff.clone();
        let mut tenths = [0; 10];
        for _ in 0..10_000 {
            let delay = backoff.delay();
            assert_eq!(delay, again.delay());
            tenths[(delay.as_secs_f64() * 100.0) as usize] += 1;
        }
        assert!(
            tenths.iter().all(|count| (850..1150).contains(count)),
            "{tenths:?}"
        );
    }

    #[test]
    fn a_lasting_connection_resets_the_count() {
        let mut backoff = backoff();
        backoff.attempts = Some(3);
        backoff.failed();
        backoff.lost(Duration::from_secs(9));
        assert_eq!(backoff.attempt(), 3);
        assert!(!backoff.is_exhausted());
        backoff.lost(Duration::from_secs(10));
        assert_eq!(backoff.attempt(), 1);
        for _ in 0..3 {
            assert!(!backoff.is_exhausted());
            backoff.failed();
        }
        assert!(backoff.is_exhausted());
    }

    #[test]
    fn the_largest_delays_do_not_overflow() {
        let mut backoff = backoff();
        backoff.first = Duration::MAX;
        backoff.maximum = Duration::MAX;
        backoff.failures = u32::MAX;
        for _ in 0..1000 {
            backoff.delay();
        }
    }
}
