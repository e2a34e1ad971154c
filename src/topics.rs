//! Messages for all who have subscribed to a topic.

use std::collections::HashMap;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use crate::error::{Error, ErrorKind};
use crate::prepared_message::PreparedMessage;
use crate::socket::WebSocket;

/// Topics by name, each with the sockets that have subscribed to it. What is published is
/// [encoded once](PreparedMessage) for all. A clone is the same topics.
///
/// [`deliver`](Topics::deliver) writes a message to the sockets itself. [`publish`](Topics::publish)
/// queues it in each, and it goes out when the task that polls the socket is woken by it.
///
/// ```no_run
/// use std::sync::Arc;
/// use qwebsocket::{Error, Event, Incoming, Socket, Topics, WebSocketExt};
///
/// async fn serve(incoming: Incoming, topics: Topics<Arc<Socket>>) -> Result<(), Error> {
///     let socket = Arc::new(incoming.accept(None).await?);
///     let room = topics.subscribe("room", socket.clone());
///     while let Some(event) = socket.next_event().await {
///         if let Event::Message(message) = event {
///             // For all but this one.
///             room.deliver(message).await;
///         }
///     }
///     Ok(())
/// }
/// ```
pub struct Topics<S>(Arc<Shared<S>>);

struct Shared<S> {
    registry: Mutex<Registry<S>>,
    rule: Rule,
}

/// Which sockets are slow, and what is done then.
#[derive(Clone, Copy)]
struct Rule {
    when_slow: WhenSlow,
    backlog: Option<usize>,
}

struct Registry<S> {
    topics: HashMap<Arc<str>, Members<S>>,
    next_id: u64,
}

/// Shared with whoever publishes, so that no socket is cloned while the registry is locked: that is
/// the application's code.
type Members<S> = Arc<Vec<Arc<Member<S>>>>;

struct Member<S> {
    id: u64,
    socket: S,
    /// Its subscription was dropped, which a delivery under way has to see.
    is_gone: AtomicBool,
}

/// A delivery writes so many bytes before others get their turn, which takes about a millisecond.
const TURN: usize = 1 << 20;

/// A write counts as so many bytes more.
const WRITE: usize = 8 * 1024;

/// The rule for a socket that is too slow for a topic.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum WhenSlow {
    /// The message is not queued for it.
    #[default]
    Skip,
    /// It is [aborted](WebSocket::abort): its client sees the connection end, and may come back.
    Drop,
}

/// The outcome of publishing a message, in sockets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Delivered {
    /// Sockets that have queued or written it.
    pub queued: usize,
    /// Slow sockets that were skipped.
    pub skipped: usize,
    /// Slow sockets that were aborted.
    pub dropped: usize,
    /// Sockets that are not connected any more, or are sending a message in parts.
    pub failed: usize,
}

impl<S: WebSocket> Topics<S> {
    /// An empty set of topics. A socket is slow when its [write queue](crate::Options::write_queue) is full,
    /// and is skipped.
    pub fn new() -> Topics<S> {
        Topics::with_rule(WhenSlow::Skip, None)
    }

    /// An empty set of topics with a rule for slow sockets: those with more than `backlog` bytes in their queue, or with a
    /// full one. `None` counts full ones only.
    pub fn with_rule(when_slow: WhenSlow, backlog: impl Into<Option<usize>>) -> Topics<S> {
        Topics(Arc::new(Shared {
            registry: Mutex::new(Registry {
                topics: HashMap::new(),
                next_id: 0,
            }),
            rule: Rule {
                when_slow,
                backlog: backlog.into(),
            },
        }))
    }

    /// Subscribes a socket, such as an `Arc<Socket>`, until the subscription is dropped. The topic
    /// holds the socket as long. A socket that subscribes twice gets each message twice.
    pub fn subscribe(&self, topic: &str, socket: S) -> Subscription<S> {
        let mut registry = self.0.lock();
        let id = registry.next_id;
        registry.next_id += 1;
        let topic = match registry.topics.get_key_value(topic) {
            Some((name, _)) => name.clone(),
            None => topic.into(),
        };
        let members = registry.topics.entry(topic.clone()).or_default();
        Arc::make_mut(members).push(Arc::new(Member {
            id,
            socket,
            is_gone: AtomicBool::new(false),
        }));
        Subscription {
            topics: Topics(self.0.clone()),
            topic,
            id,
        }
    }

    /// Writes a message to all who have subscribed to the topic by now. Each delivery costs little
    /// more than the system's call, since the tasks that poll the sockets are not woken by what is
    /// [written wholly](WebSocket::write_prepared). About every millisecond other tasks get their
    /// turn.
    ///
    /// Ready when the message is written or queued for all; it waits for no client. Dropped
    /// earlier, it queues the message for the rest, as [`publish`](Self::publish) does. Messages of
    /// two deliveries at a time may reach two sockets in different order.
    pub fn deliver(&self, topic: &str, message: impl Into<PreparedMessage>) -> Delivery<S> {
        self.0.deliver(topic, message.into(), None)
    }

    /// Queues a message for all who have subscribed to the topic, and wakes the tasks that poll the
    /// sockets. What is published before those get their turn leaves together, and tasks on several
    /// threads write at the same time.
    pub fn publish(&self, topic: &str, message: impl Into<PreparedMessage>) -> Delivered {
        self.0.publish(topic, message.into(), None)
    }

    /// The number of subscriptions to a topic.
    pub fn subscribers(&self, topic: &str) -> usize {
        self.0.lock().topics.get(topic).map_or(0, |all| all.len())
    }
}

impl<S: WebSocket> Shared<S> {
    fn publish(&self, topic: &str, message: PreparedMessage, sender: Option<u64>) -> Delivered {
        self.deliver(topic, message, sender).queue_rest()
    }

    fn deliver(&self, topic: &str, message: PreparedMessage, sender: Option<u64>) -> Delivery<S> {
        // Sockets are called when nothing is locked: waking is code of others.
        let members = self.lock().topics.get(topic).cloned();
        Delivery {
            rule: self.rule,
            message,
            sender,
            members: members.unwrap_or_default(),
            next: 0,
            delivered: Delivered::default(),
        }
    }
}

impl Rule {
    /// Gives a message to a socket by `send`, unless the socket is slow.
    fn give<S: WebSocket>(
        self,
        socket: &S,
        delivered: &mut Delivered,
        send: impl FnOnce(&S) -> Result<usize, Error>,
    ) {
        let is_behind = |backlog| socket.bytes_to_write() > backlog;
        let is_slow = self.backlog.is_some_and(is_behind)
            || match send(socket).map_err(|e| e.kind()) {
                Ok(_) => {
                    delivered.queued += 1;
                    return;
                }
                Err(kind) => kind == ErrorKind::QueueFull,
            };
        match self.when_slow {
            _ if !is_slow => delivered.failed += 1,
            WhenSlow::Skip => delivered.skipped += 1,
            WhenSlow::Drop => {
                socket.abort();
                delivered.dropped += 1;
            }
        }
    }
}

impl<S> Shared<S> {
    /// Nothing is half done in there.
    fn lock(&self) -> MutexGuard<'_, Registry<S>> {
        self.registry.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<S> Clone for Topics<S> {
    fn clone(&self) -> Topics<S> {
        Topics(self.0.clone())
    }
}

impl<S: WebSocket> Default for Topics<S> {
    fn default() -> Topics<S> {
        Topics::new()
    }
}

impl<S> fmt::Debug for Topics<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Topics").finish_non_exhaustive()
    }
}

/// A message on its way to all who have subscribed to a topic, made by [`Topics::deliver`].
#[must_use = "it writes when it is awaited; when it is dropped, it only queues"]
pub struct Delivery<S: WebSocket> {
    rule: Rule,
    message: PreparedMessage,
    sender: Option<u64>,
    members: Members<S>,
    /// The place of the member that is next.
    next: usize,
    delivered: Delivered,
}

impl<S: WebSocket> Delivery<S> {
    /// Gives the message to the next member by `send`. False when all have got it.
    fn give_next(
        &mut self,
        send: impl FnOnce(&S, &PreparedMessage) -> Result<usize, Error>,
    ) -> bool {
        let is_meant = |member: &Arc<Member<S>>| {
            Some(member.id) != self.sender && !member.is_gone.load(Ordering::Relaxed)
        };
        let left = &self.members[self.next..];
        let Some(place) = left.iter().position(is_meant) else {
            self.next = self.members.len();
            return false;
        };
        self.next += place + 1;
        let send = |socket: &S| send(socket, &self.message);
        self.rule
            .give(&left[place].socket, &mut self.delivered, send);
        true
    }

    fn queue_rest(&mut self) -> Delivered {
        while self.give_next(S::send_prepared) {}
        self.delivered
    }
}

impl<S: WebSocket> Future for Delivery<S> {
    type Output = Delivered;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Delivered> {
        let work = WRITE + self.message.message().len();
        let mut left = TURN;
        while self.give_next(S::write_prepared) {
            left = left.saturating_sub(work);
            if left == 0 {
                cx.waker().wake_by_ref();
                return Poll::Pending;
            }
        }
        Poll::Ready(self.delivered)
    }
}

impl<S: WebSocket> Drop for Delivery<S> {
    fn drop(&mut self) {
        self.queue_rest();
    }
}

impl<S: WebSocket> fmt::Debug for Delivery<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Delivery")
            .field("delivered", &self.delivered)
            .finish_non_exhaustive()
    }
}

/// A socket's place in a topic. Dropping it unsubscribes.
#[must_use = "dropping it unsubscribes"]
pub struct Subscription<S> {
    topics: Topics<S>,
    topic: Arc<str>,
    id: u64,
}

impl<S: WebSocket> Subscription<S> {
    /// The name of the topic.
    pub fn topic(&self) -> &str {
        &self.topic
    }

    /// Writes a message to all others who have subscribed to the topic, as [`Topics::deliver`] does.
    pub fn deliver(&self, message: impl Into<PreparedMessage>) -> Delivery<S> {
        let sender = Some(self.id);
        self.topics.0.deliver(&self.topic, message.into(), sender)
    }

    /// Queues a message for all others who have subscribed to the topic, as [`Topics::publish`] does.
    pub fn publish(&self, message: impl Into<PreparedMessage>) -> Delivered {
        let sender = Some(self.id);
        self.topics.0.publish(&self.topic, message.into(), sender)
    }
}

impl<S> Drop for Subscription<S> {
    fn drop(&mut self) {
        let mut registry = self.topics.0.lock();
        let Some(members) = registry.topics.get_mut(&self.topic) else {
            return;
        };
        let left = Arc::make_mut(members);
        let Some(place) = left.iter().position(|member| member.id == self.id) else {
            return;
        };
        let gone = left.remove(place);
        gone.is_gone.store(true, Ordering::Relaxed);
        if left.is_empty() {
            registry.topics.remove(&self.topic);
        }
        // A socket may be dropped with it, which calls others.
        drop(registry);
        drop(gone);
    }
}

impl<S> fmt::Debug for Subscription<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Subscription")
            .field("topic", &self.topic)
            .finish_non_exhaustive()
    }
}
