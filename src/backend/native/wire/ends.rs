//! Where in the bytes of a queue messages end.

use std::collections::VecDeque;

/// Room for so many stays when all of them are written.
pub(crate) const KEPT: usize = 1024;

/// The ends of messages that are not wholly written. One, which is mostly all, takes no memory of
/// its own.
#[derive(Debug, Default)]
pub(crate) struct Ends {
    first: Option<u64>,
    /// Empty while there is no first.
    behind: VecDeque<u64>,
}

impl Ends {
    pub(crate) fn len(&self) -> usize {
        usize::from(self.first.is_some()) + self.behind.len()
    }

    #[cfg(test)]
    pub(crate) fn capacity(&self) -> usize {
        self.behind.capacity()
    }

    /// The next message ends there, behind all others.
    pub(crate) fn push(&mut self, end: u64) {
        match self.first {
            None => self.first = Some(end),
            Some(_) => self.behind.push_back(end),
        }
    }

    /// So many bytes are written: the number of messages that end in them, which are forgotten.
    pub(crate) fn take_written(&mut self, written: u64) -> u64 {
        let mut taken = 0;
        while self.first.is_some_and(|end| end <= written) {
            self.first = self.behind.pop_front();
            taken += 1;
        }
        if self.behind.is_empty() && self.behind.capacity() > KEPT {
            self.behind = VecDeque::new();
        }
        taken
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_written_one_after_the_other() {
        let mut ends = Ends::default();
        assert_eq!((ends.len(), ends.take_written(0)), (0, 0));
        for end in [10, 20, 20, 35] {
            ends.push(end);
        }
        assert_eq!(ends.len(), 4);
        assert_eq!(ends.take_written(9), 0);
        assert_eq!(ends.take_written(10), 1);
        assert_eq!(ends.take_written(30), 2);
        ends.push(40);
        assert_eq!((ends.len(), ends.take_written(100)), (2, 2));
        assert_eq!(ends.len(), 0);
    }
}
