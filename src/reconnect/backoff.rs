//! How long to wait before the next attempt: exponential backoff with full jitter.

use std::time::Duration;

use crate::platform;

/// How many times wider delays are behind what happened to many at once, so that not all of a
/// server's clients come back in the same tenth of a second.
const CROWD: u32 = 10;

#[derive(Clone, Debug)]
pub(crate) struct Backoff {
    pub(crate) first: Duration,
    pub(crate) maximum: Duration,
    pub(crate) attempts: Option<u32>,
    pub(crate) uptime: Duration,
    /// The longest `Retry-After` that is obeyed.
    pub(super) retry_after: Duration,
    pub(crate) random: SplitMix64,
    /// Attempts in a row that led to no lasting connection.
    failures: u32,
    /// Attempts that failed since the last connection was lost.
    since_loss: Option<u32>,
}

impl Backoff {
    pub(super) fn new() -> Backoff {
        Backoff {
            first: Duration::from_millis(500),
            maximum: Duration::from_secs(30),
            attempts: None,
            uptime: Duration::from_secs(10),
            retry_after: Duration::from_secs(60 * 60),
            random: SplitMix64(platform::random()),
            failures: 0,
            since_loss: None,
        }
    }

    /// The number of the attempt that comes next, counted from 1.
    pub(super) fn attempt(&self) -> u32 {
        self.failures.saturating_add(1)
    }

    pub(super) fn reset(&mut self) {
        self.failures = 0;
        self.since_loss = None;
    }

    /// A connection that lasted so long has ended.
    pub(super) fn lost(&mut self, uptime: Duration) {
        if uptime >= self.uptime {
            self.failures = 0;
        } else {
            self.failed();
        }
        self.since_loss = Some(0);
    }

    /// There was no connection.
    pub(super) fn failed(&mut self) {
        self.failures = self.failures.saturating_add(1);
        self.since_loss = self.since_loss.map(|failures| failures.saturating_add(1));
    }

    pub(super) fn is_exhausted(&self) -> bool {
        self.attempts.is_some_and(|limit| self.failures >= limit)
    }

    /// Full jitter: anything between 0 and a bound that doubles with each failure, so that those
    /// who were disconnected together do not come back together. A crowd, which is those who lost a
    /// connection or were told when to come, has a wider one.
    pub(super) fn delay(&mut self, is_told: bool) -> Duration {
        let doubled = |times: u32| self.first.saturating_mul(1 << times.min(31));
        let mut bound = doubled(self.failures.saturating_sub(1));
        if let Some(failures) = self.since_loss.or(is_told.then_some(0)) {
            bound = bound.max(doubled(failures).saturating_mul(CROWD));
        }
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
        (0..2000).map(|_| backoff.delay(false)).max().unwrap()
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
            let delay = backoff.delay(false);
            assert_eq!(delay, again.delay(false));
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
    fn a_crowd_is_spread_wider() {
        let mut backoff = Backoff {
            maximum: Duration::MAX,
            ..backoff()
        };
        let within = |backoff: &mut Backoff, is_told, bound| {
            let delays = (0..2000).map(|_| backoff.delay(is_told));
            let largest = delays.max().unwrap();
            assert!(
                largest < bound && largest > bound.mul_f64(0.98),
                "{largest:?}"
            );
        };
        within(&mut backoff, false, 100 * MS);
        within(&mut backoff, true, 1000 * MS);
        backoff.lost(Duration::MAX);
        within(&mut backoff, false, 1000 * MS);
        backoff.failed();
        within(&mut backoff, false, 2000 * MS);
        backoff.lost(Duration::ZERO);
        within(&mut backoff, false, 1000 * MS);
    }

    #[test]
    fn the_largest_delays_do_not_overflow() {
        let mut backoff = backoff();
        backoff.first = Duration::MAX;
        backoff.maximum = Duration::MAX;
        backoff.failures = u32::MAX;
        for _ in 0..1000 {
            backoff.delay(true);
        }
    }
}
