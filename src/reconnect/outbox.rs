//! What was accepted, and how far it has come: exactly once into the network, or told.

use std::collections::VecDeque;
use std::mem;
use std::ops::Range;

use super::link::Payload;
use crate::error::{Error, ErrorKind};

/// What a message takes besides its payload, so that empty ones have a bound too.
const OVERHEAD: usize = 32;

/// What happens to a message when the [queue](crate::Reconnect::queue) is full.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum WhenFull {
    /// [`ErrorKind::QueueFull`](crate::ErrorKind::QueueFull); the message is not accepted.
    Refuse,
    /// The oldest messages make room, and [`ReconnectEvent::Dropped`](crate::ReconnectEvent::Dropped) tells them.
    DropOldest,
}

#[derive(Debug)]
pub(crate) struct Outbox<M> {
    pub(crate) bound: usize,
    pub(crate) when_full: WhenFull,
    /// The number of the next message that is accepted.
    next: u64,
    /// What goes out before all else on this connection, and on this one only.
    greetings: VecDeque<M>,
    /// Accepted, and not with the socket.
    waiting: VecDeque<(u64, M)>,
    waiting_bytes: usize,
    /// With the socket, and not known to be written; greetings have no number.
    handed_over: VecDeque<(Option<u64>, M)>,
    /// Messages of this connection that have left `handed_over`.
    counted: u64,
    /// Whatever was accepted before this number is written or dropped.
    written: u64,
    /// Whatever was written before this number has arrived, or was told to be unknown.
    settled: u64,
}

impl<M: Payload> Outbox<M> {
    pub(super) fn new() -> Outbox<M> {
        Outbox {
            bound: 1 << 20,
            when_full: WhenFull::Refuse,
            next: 0,
            greetings: VecDeque::new(),
            waiting: VecDeque::new(),
            waiting_bytes: 0,
            handed_over: VecDeque::new(),
            counted: 0,
            written: 0,
            settled: 0,
        }
    }

    /// Goes on where another one has ended.
    #[allow(dead_code)] // The shell of the JavaScript class frees what is over.
    pub(crate) fn begin_at(&mut self, number: u64) {
        self.next = number;
        self.written = number;
        self.settled = number;
    }

    /// Accepts a message: its number. What has to make room goes to `dropped`.
    pub(super) fn push(
        &mut self,
        message: M,
        mut dropped: impl FnMut(u64, M),
    ) -> Result<u64, Error> {
        while !self.waiting.is_empty() && self.waiting_bytes + cost(&message) > self.bound {
            if self.when_full == WhenFull::Refuse {
                return Err(Error::new(
                    ErrorKind::QueueFull,
                    "the queue for the next connection is full",
                ));
            }
            if let Some((number, message)) = self.take_waiting() {
                dropped(number, message);
            }
        }
        let number = self.next;
        self.next += 1;
        self.waiting_bytes += cost(&message);
        self.waiting.push_back((number, message));
        Ok(number)
    }

    /// A connection begins, with these messages.
    pub(super) fn connected(&mut self, greetings: Vec<M>) {
        self.greetings = greetings.into();
    }

    /// What goes to the socket next.
    pub(super) fn next(&self) -> Option<&M> {
        let waiting = self.waiting.front().map(|(_, message)| message);
        self.greetings.front().or(waiting)
    }

    /// The socket took what was next.
    pub(super) fn hand_over(&mut self) {
        if let Some(greeting) = self.greetings.pop_front() {
            self.handed_over.push_back((None, greeting));
        } else if let Some((number, message)) = self.take_waiting() {
            self.handed_over.push_back((Some(number), message));
        }
    }

    pub(super) fn awaits_writing(&self) -> bool {
        !self.handed_over.is_empty()
    }

    /// So many messages were written on this connection.
    pub(super) fn count_written(&mut self, messages: u64) {
        while self.counted < messages && self.count_first() {}
    }

    /// The peer has the messages up to this number.
    pub(super) fn acknowledge(&mut self, number: u64) {
        // A browser may tell later that they are written than the peer that it has them.
        let has_arrived = |(first, _): &(Option<u64>, M)| first.is_none_or(|n| n <= number);
        while self.handed_over.front().is_some_and(has_arrived) {
            self.count_first();
        }
        let end = number.saturating_add(1).min(self.written);
        self.settled = self.settled.max(end);
    }

    /// The connection has ended. What was not written goes out on the next one; what was, and is
    /// not settled, is returned.
    pub(super) fn disconnected(&mut self) -> Range<u64> {
        while let Some((number, message)) = self.handed_over.pop_back() {
            if let Some(number) = number {
                self.waiting_bytes += cost(&message);
                self.waiting.push_front((number, message));
            }
        }
        self.greetings.clear();
        self.counted = 0;
        let unknown = self.settled..self.written;
        self.settled = self.written;
        unknown
    }

    /// How many accepted messages are not known to be written.
    pub(super) fn len(&self) -> usize {
        let handed_over = self
            .handed_over
            .iter()
            .filter(|(number, _)| number.is_some());
        self.waiting.len() + handed_over.count()
    }

    /// Takes what is not with the socket.
    pub(super) fn take_all(&mut self) -> VecDeque<(u64, M)> {
        self.waiting_bytes = 0;
        mem::take(&mut self.waiting)
    }

    fn take_waiting(&mut self) -> Option<(u64, M)> {
        let (number, message) = self.waiting.pop_front()?;
        self.waiting_bytes -= cost(&message);
        Some((number, message))
    }

    fn count_first(&mut self) -> bool {
        let Some((number, _)) = self.handed_over.pop_front() else {
            return false;
        };
        self.counted += 1;
        if let Some(number) = number {
            self.written = number + 1;
        }
        true
    }
}

fn cost(message: &impl Payload) -> usize {
    message.len() + OVERHEAD
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::Message;

    fn filled(messages: &[&str]) -> Outbox<Message> {
        let mut outbox = Outbox::new();
        for message in messages {
            outbox
                .push((*message).into(), |_, _| panic!("there is room"))
                .unwrap();
        }
        outbox
    }

    fn hand_over(outbox: &mut Outbox<Message>, count: usize) {
        (0..count).for_each(|_| outbox.hand_over());
    }

    fn waiting(outbox: &mut Outbox<Message>) -> Vec<u64> {
        let all = outbox.take_all().into_iter();
        all.map(|(number, _)| number).collect()
    }

    #[test]
    fn what_was_not_written_goes_out_again_in_its_order() {
        let mut outbox = filled(&["a", "b", "c", "d"]);
        hand_over(&mut outbox, 3);
        outbox.count_written(1);
        assert_eq!(outbox.len(), 3);
        assert_eq!(outbox.disconnected(), 0..1);
        assert_eq!(outbox.next(), Some(&"b".into()));
        hand_over(&mut outbox, 2);
        outbox.count_written(2);
        assert_eq!(outbox.disconnected(), 1..3);
        assert_eq!(waiting(&mut outbox), [3]);
    }

    #[test]
    fn what_has_arrived_is_not_unknown() {
        let mut outbox = filled(&["a", "b", "c", "d"]);
        hand_over(&mut outbox, 4);
        outbox.count_written(2);
        outbox.acknowledge(0);
        assert_eq!(outbox.disconnected(), 1..2);

        // Before it is known to be written.
        hand_over(&mut outbox, 2);
        outbox.acknowledge(2);
        outbox.count_written(1);
        assert_eq!(outbox.disconnected(), 3..3);
        assert_eq!(waiting(&mut outbox), [3]);
        outbox.acknowledge(u64::MAX);
        assert_eq!(outbox.disconnected(), 3..3);
    }

    #[test]
    fn greetings_go_first_and_belong_to_their_connection() {
        let mut outbox = filled(&["a"]);
        outbox.connected(vec!["hello".into(), "again".into()]);
        assert_eq!(outbox.next(), Some(&"hello".into()));
        hand_over(&mut outbox, 3);
        outbox.count_written(1);
        assert_eq!(outbox.disconnected(), 0..0);
        assert_eq!(outbox.next(), Some(&"a".into()));
    }

    #[test]
    fn a_full_queue_refuses() {
        let mut outbox = filled(&[]);
        outbox.bound = 2 * (OVERHEAD + 1);
        let mut push = |text: &str| outbox.push(text.into(), |_, _| panic!("it refuses"));
        assert_eq!(push("a").unwrap(), 0);
        assert_eq!(push("b").unwrap(), 1);
        assert_eq!(push("c").unwrap_err().kind(), ErrorKind::QueueFull);
        outbox.hand_over();
        assert_eq!(outbox.push("c".into(), |_, _| {}).unwrap(), 2);
    }

    #[test]
    fn one_message_always_fits() {
        let mut outbox = filled(&[]);
        outbox.bound = 0;
        outbox.push("long".into(), |_, _| {}).unwrap();
        assert!(outbox.push("".into(), |_, _| {}).is_err());
    }

    #[test]
    fn a_full_queue_drops_the_oldest() {
        let mut outbox = filled(&[]);
        outbox.bound = 2 * (OVERHEAD + 1);
        outbox.when_full = WhenFull::DropOldest;
        let mut dropped = Vec::new();
        for text in ["a", "b", "c", "dd"] {
            let number = outbox.push(text.into(), |number, _| dropped.push(number));
            assert!(number.is_ok());
        }
        assert_eq!(dropped, [0, 1, 2]);
        assert_eq!(waiting(&mut outbox), [3]);
    }
}
