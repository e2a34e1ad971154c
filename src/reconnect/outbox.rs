//! The accepted messages and their progress: each is handed to the network once, or reported.

use std::collections::VecDeque;
use std::mem;
use std::ops::Range;

use super::link::Payload;
use crate::error::{Error, ErrorKind};

/// The cost of a message besides its payload, so that empty ones are bounded, too.
const OVERHEAD: usize = 32;

/// How much of it is with the socket at once, which has small messages a second time, encoded.
const WINDOW: usize = 128 * 1024;

/// The rule for a message that finds the [queue](crate::Reconnect::queue) full.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum WhenFull {
    /// [`ErrorKind::QueueFull`](crate::ErrorKind::QueueFull); the message is not accepted.
    Refuse,
    /// The oldest messages make room, and are reported by
    /// [`ReconnectEvent::Dropped`](crate::ReconnectEvent::Dropped). What the connection is writing is
    /// not dropped: where that leaves no room, [`Refuse`](Self::Refuse) applies.
    DropOldest,
}

#[derive(Debug)]
pub(crate) struct Outbox<M> {
    pub(crate) bound: usize,
    pub(crate) when_full: WhenFull,
    /// The number of the next message that is accepted.
    next: u64,
    /// Messages to send first on this connection, and on this one only.
    greetings: VecDeque<M>,
    /// Accepted, and not with the socket.
    waiting: VecDeque<(u64, M)>,
    waiting_bytes: usize,
    /// Accepted, and on its way to the socket.
    outgoing: Option<u64>,
    /// With the socket, and not known to be written; greetings have no number.
    handed_over: VecDeque<(Option<u64>, M)>,
    /// The bytes of all that has left `waiting`, and is not known to be written.
    handed_over_bytes: usize,
    /// Messages of this connection that have left `handed_over`.
    counted: u64,
    /// Whatever was accepted before this number is written or dropped.
    written: u64,
    /// Messages written before this number have arrived, or were reported as unknown.
    settled: u64,
}

/// A message on its way to the socket.
pub(super) struct Outgoing<M> {
    number: Option<u64>,
    pub(super) message: M,
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
            outgoing: None,
            handed_over: VecDeque::new(),
            handed_over_bytes: 0,
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
        let cost = cost(&message);
        let can_drop = self.when_full == WhenFull::DropOldest && self.fits(0, cost);
        while !self.fits(self.waiting_bytes, cost) {
            let oldest = can_drop.then(|| self.take_waiting()).flatten();
            let Some((number, message)) = oldest else {
                return Err(Error::new(ErrorKind::QueueFull, "the queue is full"));
            };
            dropped(number, message);
        }
        let number = self.next;
        self.next += 1;
        self.waiting_bytes += cost;
        self.waiting.push_back((number, message));
        Ok(number)
    }

    /// Returns whether so much more fits, if so much waits. One message always does.
    fn fits(&self, waiting: usize, cost: usize) -> bool {
        let taken = waiting + self.handed_over_bytes;
        taken == 0 || taken + cost <= self.bound
    }

    /// A connection begins, with these messages.
    pub(super) fn connected(&mut self, greetings: Vec<M>) {
        self.greetings = greetings.into();
    }

    /// Takes the next message for the socket, while that has little queued, or `all` the same. It
    /// comes back by [`handed_over`](Self::handed_over) or [`put_back`](Self::put_back).
    pub(super) fn take_next(&mut self, all: bool) -> Option<Outgoing<M>> {
        let outgoing = match self.greetings.pop_front() {
            Some(message) => Outgoing {
                number: None,
                message,
            },
            None => {
                let cost = cost(&self.waiting.front()?.1);
                // Half of the queue stays where it can be dropped.
                let window = WINDOW.min(self.bound / 2);
                let has_room = self.handed_over_bytes + cost <= window;
                if !all && !has_room && self.handed_over_bytes > 0 {
                    return None;
                }
                let (number, message) = self.take_waiting()?;
                Outgoing {
                    number: Some(number),
                    message,
                }
            }
        };
        self.outgoing = outgoing.number;
        self.handed_over_bytes += cost(&outgoing.message);
        Some(outgoing)
    }

    /// The socket took it.
    pub(super) fn handed_over(&mut self, outgoing: Outgoing<M>) {
        let Outgoing { number, message } = outgoing;
        self.outgoing = None;
        self.handed_over.push_back((number, message));
    }

    /// The socket did not take it.
    pub(super) fn put_back(&mut self, outgoing: Outgoing<M>) {
        let Outgoing { number, message } = outgoing;
        self.outgoing = None;
        self.handed_over_bytes -= cost(&message);
        match number {
            Some(number) => self.put_in_front(number, message),
            None => self.greetings.push_front(message),
        }
    }

    /// Returns whether there is anything that the socket could take or write.
    pub(super) fn has_messages(&self) -> bool {
        !self.handed_over.is_empty() || !self.greetings.is_empty() || self.has_waiting()
    }

    /// Returns whether the socket lacks something that was accepted.
    pub(super) fn has_waiting(&self) -> bool {
        !self.waiting.is_empty() || self.outgoing.is_some()
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
    /// not settled, is returned, unless all of it `has_arrived`.
    pub(super) fn disconnected(&mut self, has_arrived: bool) -> Range<u64> {
        while let Some((number, message)) = self.handed_over.pop_back() {
            if let Some(number) = number {
                self.put_in_front(number, message);
            }
        }
        self.handed_over_bytes = 0;
        self.greetings.clear();
        self.counted = 0;
        if has_arrived {
            self.settled = self.written;
        }
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
        self.waiting.len() + usize::from(self.outgoing.is_some()) + handed_over.count()
    }

    /// Takes what is not with the socket.
    pub(super) fn take_all(&mut self) -> VecDeque<(u64, M)> {
        self.waiting_bytes = 0;
        mem::take(&mut self.waiting)
    }

    fn put_in_front(&mut self, number: u64, message: M) {
        self.waiting_bytes += cost(&message);
        self.waiting.push_front((number, message));
    }

    fn take_waiting(&mut self) -> Option<(u64, M)> {
        let (number, message) = self.waiting.pop_front()?;
        self.waiting_bytes -= cost(&message);
        Some((number, message))
    }

    fn count_first(&mut self) -> bool {
        let Some((number, message)) = self.handed_over.pop_front() else {
            return false;
        };
        self.handed_over_bytes -= cost(&message);
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
        for _ in 0..count {
            let outgoing = outbox.take_next(false).expect("one more");
            outbox.handed_over(outgoing);
        }
    }

    /// The next message, without taking it.
    fn next(outbox: &mut Outbox<Message>) -> Message {
        let outgoing = outbox.take_next(false).expect("one more");
        let message = outgoing.message.clone();
        outbox.put_back(outgoing);
        message
    }

    fn push(outbox: &mut Outbox<Message>, text: &str) -> Result<u64, Error> {
        outbox.push(text.into(), |_, _| panic!("nothing is dropped"))
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
        assert_eq!(outbox.disconnected(false), 0..1);
        assert_eq!(next(&mut outbox), "b".into());
        hand_over(&mut outbox, 2);
        outbox.count_written(2);
        assert_eq!(outbox.disconnected(false), 1..3);
        assert_eq!(waiting(&mut outbox), [3]);
    }

    #[test]
    fn what_has_arrived_is_not_unknown() {
        let mut outbox = filled(&["a", "b", "c", "d"]);
        hand_over(&mut outbox, 4);
        outbox.count_written(2);
        outbox.acknowledge(0);
        assert_eq!(outbox.disconnected(false), 1..2);

        // Before it is known to be written.
        hand_over(&mut outbox, 2);
        outbox.acknowledge(2);
        outbox.count_written(1);
        assert_eq!(outbox.disconnected(false), 3..3);
        assert_eq!(waiting(&mut outbox), [3]);
        outbox.acknowledge(u64::MAX);
        assert_eq!(outbox.disconnected(false), 3..3);
    }

    #[test]
    fn greetings_go_first_and_belong_to_their_connection() {
        let mut outbox = filled(&["a"]);
        outbox.connected(vec!["hello".into(), "again".into()]);
        assert_eq!(next(&mut outbox), "hello".into());
        hand_over(&mut outbox, 3);
        outbox.count_written(1);
        assert_eq!(outbox.disconnected(false), 0..0);
        assert_eq!(next(&mut outbox), "a".into());
    }

    #[test]
    fn a_full_queue_refuses() {
        let mut outbox = filled(&[]);
        outbox.bound = 2 * (OVERHEAD + 1);
        assert_eq!(push(&mut outbox, "a").unwrap(), 0);
        assert_eq!(push(&mut outbox, "b").unwrap(), 1);
        let refused = push(&mut outbox, "c").unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::QueueFull);
    }

    /// A peer that does not read makes nobody keep more than the bound.
    #[test]
    fn the_bound_covers_what_the_socket_has_and_has_not_written() {
        for when_full in [WhenFull::Refuse, WhenFull::DropOldest] {
            let mut outbox = filled(&[]);
            outbox.bound = 2 * (OVERHEAD + 1);
            outbox.when_full = when_full;
            push(&mut outbox, "a").unwrap();
            hand_over(&mut outbox, 1);
            push(&mut outbox, "b").unwrap();
            let refused = push(&mut outbox, "long").unwrap_err();
            assert_eq!(refused.kind(), ErrorKind::QueueFull, "{when_full:?}");
            assert_eq!(outbox.len(), 2);
            outbox.count_written(1);
            assert_eq!(push(&mut outbox, "c").unwrap(), 2);
        }
    }

    #[test]
    fn what_is_on_its_way_to_the_socket_counts() {
        let mut outbox = filled(&["a"]);
        outbox.bound = 0;
        let outgoing = outbox.take_next(false).unwrap();
        assert!(push(&mut outbox, "b").is_err());
        assert!(outbox.has_waiting());
        assert_eq!(outbox.len(), 1);
        assert!(waiting(&mut outbox).is_empty());
        outbox.put_back(outgoing);
        assert_eq!(waiting(&mut outbox), [0]);
        assert!(push(&mut outbox, "b").is_ok());
    }

    /// The socket has small messages a second time, encoded, so it gets few at once.
    #[test]
    fn the_socket_has_little_at_once() {
        let mut outbox = filled(&[]);
        outbox.bound = usize::MAX;
        let text = "x".repeat(WINDOW / 4 - OVERHEAD);
        for _ in 0..6 {
            push(&mut outbox, &text).unwrap();
        }
        hand_over(&mut outbox, 4);
        assert!(outbox.take_next(false).is_none());
        outbox.count_written(1);
        hand_over(&mut outbox, 1);
        assert!(outbox.take_next(false).is_none());
        // A close is the last chance.
        assert!(outbox.take_next(true).is_some());

        // One larger message is shared with it, and goes alone.
        let mut outbox = filled(&[&"x".repeat(2 * WINDOW), "a"]);
        hand_over(&mut outbox, 1);
        assert!(outbox.take_next(false).is_none());
    }

    #[test]
    fn an_answered_close_leaves_nothing_unknown() {
        let mut outbox = filled(&["a", "b"]);
        hand_over(&mut outbox, 2);
        outbox.count_written(1);
        assert_eq!(outbox.disconnected(true), 1..1);
        assert_eq!(waiting(&mut outbox), [1]);
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
