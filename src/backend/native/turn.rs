//! How much is done for a task in one turn.
//!
//! A peer that floods must not keep an executor from its other tasks. So the driver counts what it
//! has done since it last returned `Pending`; when that is a turn's worth, it wakes the task and
//! returns `Pending` once. Work is counted in bytes of plain payload; what costs more than its bytes
//! counts as more of them. A turn takes about a millisecond.

/// The budget of a turn, in bytes read, unmasked, validated and handed out.
const WORTH: usize = 1 << 20;

/// An event that is handed out: at most 128 a turn.
pub(crate) const EVENT: usize = 8 * 1024;

/// A read or a write.
pub(crate) const CALL: usize = 16 * 1024;

/// A control frame, which may be two bytes long.
pub(crate) const CONTROL: usize = 2 * 1024;

/// A byte that inflating makes.
pub(crate) const INFLATED: usize = 4;

#[derive(Debug)]
pub(crate) struct Turn {
    left: usize,
}

impl Turn {
    pub(crate) fn new() -> Turn {
        Turn { left: WORTH }
    }

    /// The budget of a call outside of an executor, such as one for each frame of a game.
    pub(crate) fn of_a_call() -> Turn {
        Turn { left: 16 * WORTH }
    }

    /// No budget, for a call that writes all that it can.
    pub(crate) fn unlimited() -> Turn {
        Turn { left: usize::MAX }
    }

    pub(crate) fn spend(&mut self, work: usize) {
        self.left = self.left.saturating_sub(work);
    }

    pub(crate) fn is_over(&self) -> bool {
        self.left == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_turn_ends_and_an_unlimited_one_does_not() {
        let mut turn = Turn::new();
        let events = std::iter::repeat_with(|| turn.spend(EVENT));
        assert_eq!(events.take(128).count(), 128);
        assert!(turn.is_over());
        turn.spend(1);
        assert!(turn.is_over());

        let mut turn = Turn::unlimited();
        turn.spend(WORTH);
        assert!(!turn.is_over());
    }
}
