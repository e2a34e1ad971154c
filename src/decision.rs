use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

/// A question that a handshake asks, as an owned token: Qt's signals that ask.
///
/// The handshake waits until the token is answered, from any task, at any later time. Dropping it
/// refuses. A clone is the same token: the first answer counts, and it refuses when the last is
/// dropped.
#[must_use = "dropping a decision refuses"]
pub struct Decision<Q: Question>(Arc<dyn Asked<Q>>);

/// Behind `dyn`, so that a program on a platform that never asks does without the code.
trait Asked<Q: Question>: Send + Sync {
    fn question(&self) -> &Q;
    fn settle(&self, reply: Reply<Q::Answer>);
}

struct Token<Q: Question> {
    question: Q,
    slot: Arc<Mutex<Slot<Q::Answer>>>,
}

/// A question that a [`Decision`] carries, and the type of its answer. Sealed: only handshakes ask.
pub trait Question: Sealed + fmt::Debug {
    /// The type of the answer.
    type Answer;
}

/// Keeps [`Question`] to this crate.
pub trait Sealed {}

struct Slot<A> {
    answer: Reply<A>,
    waker: Option<Waker>,
}

enum Reply<A> {
    Open,
    Given(A),
    Refused,
}

impl<Q: Question> Decision<Q> {
    /// A token and the future of its answer, which is `None` for a refusal.
    #[allow(dead_code)] // Not every backend asks.
    pub(crate) fn new(question: Q) -> (Decision<Q>, PendingAnswer<Q>)
    where
        Q: Send + Sync + 'static,
        Q::Answer: Send,
    {
        let slot = Arc::new(Mutex::new(Slot {
            answer: Reply::Open,
            waker: None,
        }));
        let token = Token {
            question,
            slot: slot.clone(),
        };
        (Decision(Arc::new(token)), PendingAnswer { slot })
    }

    /// The question.
    pub fn question(&self) -> &Q {
        self.0.question()
    }

    /// Answers, and lets the handshake continue.
    pub fn answer(self, answer: Q::Answer) {
        self.0.settle(Reply::Given(answer));
    }

    /// Refuses; the connection fails.
    pub fn refuse(self) {
        self.0.settle(Reply::Refused);
    }
}

impl<Q> Asked<Q> for Token<Q>
where
    Q: Question + Send + Sync,
    Q::Answer: Send,
{
    fn question(&self) -> &Q {
        &self.question
    }

    fn settle(&self, reply: Reply<Q::Answer>) {
        settle(&self.slot, reply);
    }
}

impl<Q: Question> Drop for Token<Q> {
    fn drop(&mut self) {
        settle(&self.slot, Reply::Refused);
    }
}

impl<Q: Question> Clone for Decision<Q> {
    fn clone(&self) -> Decision<Q> {
        Decision(self.0.clone())
    }
}

impl<Q: Question> fmt::Debug for Decision<Q> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Decision").field(self.question()).finish()
    }
}

/// The handshake's end of a [`Decision`].
pub(crate) struct PendingAnswer<Q: Question> {
    slot: Arc<Mutex<Slot<Q::Answer>>>,
}

impl<Q: Question> Future for PendingAnswer<Q> {
    type Output = Option<Q::Answer>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut slot = lock(&self.slot);
        match std::mem::replace(&mut slot.answer, Reply::Refused) {
            Reply::Given(answer) => Poll::Ready(Some(answer)),
            Reply::Refused => Poll::Ready(None),
            Reply::Open => {
                slot.answer = Reply::Open;
                slot.waker = Some(cx.waker().clone());
                Poll::Pending
            }
        }
    }
}

/// Only the first reply counts.
fn settle<A>(slot: &Mutex<Slot<A>>, reply: Reply<A>) {
    let waker = {
        let mut slot = lock(slot);
        if !matches!(slot.answer, Reply::Open) {
            return;
        }
        slot.answer = reply;
        slot.waker.take()
    };
    if let Some(waker) = waker {
        waker.wake();
    }
}

/// A panic elsewhere leaves nothing half done in a slot.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use futures::FutureExt;

    use super::*;

    #[derive(Debug)]
    struct Realm(&'static str);

    impl Sealed for Realm {}

    impl Question for Realm {
        type Answer = u32;
    }

    #[test]
    fn an_answer_arrives_and_wakes() {
        let (decision, mut answer) = Decision::new(Realm("shadow"));
        assert_eq!(decision.question().0, "shadow");
        let (waker, count) = futures_test_waker();
        let mut cx = Context::from_waker(&waker);
        assert!(answer.poll_unpin(&mut cx).is_pending());
        decision.answer(7);
        assert_eq!(count.load(std::sync::atomic::Ordering::SeqCst), 1);
        assert_eq!(answer.poll_unpin(&mut cx), Poll::Ready(Some(7)));
    }

    #[test]
    fn dropping_refuses() {
        let (decision, mut answer) = Decision::new(Realm("shadow"));
        let clone = decision.clone();
        drop(decision);
        assert_eq!((&mut answer).now_or_never(), None);
        drop(clone);
        assert_eq!(answer.now_or_never(), Some(None));
        let (decision, answer) = Decision::new(Realm("shadow"));
        let clone = decision.clone();
        decision.refuse();
        clone.answer(7);
        assert_eq!(answer.now_or_never(), Some(None));
    }

    fn futures_test_waker() -> (Waker, Arc<std::sync::atomic::AtomicUsize>) {
        struct Count(Arc<std::sync::atomic::AtomicUsize>);
        impl std::task::Wake for Count {
            fn wake(self: Arc<Self>) {
                self.0.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
            }
        }
        let count = Arc::<std::sync::atomic::AtomicUsize>::default();
        (Waker::from(Arc::new(Count(count.clone()))), count)
    }
}
