//! What carries messages between processes.

use std::error::Error;
use std::future::Future;

use futures::StreamExt;
use futures::stream::BoxStream;
use redis::AsyncCommands;
use redis::aio::MultiplexedConnection;

pub type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

pub trait Engine: Clone + Send + 'static {
    /// Says something in a room of all processes.
    fn say(&mut self, room: &str, text: &str) -> impl Future<Output = Result<()>> + Send;

    /// Room and text of what any process says from now on, this one included: once, and for each
    /// room in the same order everywhere. It ends when something may have been missed.
    fn said(&self) -> impl Future<Output = Result<BoxStream<'static, (String, String)>>> + Send;
}

/// Redis pub/sub. It keeps nothing: what is published while a process is not subscribed is not for it.
#[derive(Clone)]
pub struct Redis {
    client: redis::Client,
    publisher: MultiplexedConnection,
}

/// In front of the name of a room, since others may use the same Redis.
const PREFIX: &str = "room:";

impl Redis {
    pub async fn connect(url: &str) -> Result<Redis> {
        let client = redis::Client::open(url)?;
        let publisher = client.get_multiplexed_async_connection().await?;
        Ok(Redis { client, publisher })
    }
}

impl Engine for Redis {
    async fn say(&mut self, room: &str, text: &str) -> Result<()> {
        let channel = format!("{PREFIX}{room}");
        Ok(self.publisher.publish(channel, text).await?)
    }

    async fn said(&self) -> Result<BoxStream<'static, (String, String)>> {
        let mut subscriber = self.client.get_async_pubsub().await?;
        subscriber.psubscribe(format!("{PREFIX}*")).await?;
        let said = subscriber.into_on_message().filter_map(async |message| {
            let room = message.get_channel_name().strip_prefix(PREFIX)?.to_owned();
            Some((room, message.get_payload().ok()?))
        });
        Ok(said.boxed())
    }
}
