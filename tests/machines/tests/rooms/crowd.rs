//! Many clients, each a task.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use qwebsocket::prelude::*;
use qwebsocket::{CloseCode, Reconnect, ReconnectEvent, Reconnecting};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::JoinSet;

/// What a client has seen.
#[derive(Default)]
pub struct Client {
    /// Whom it is connected to and has been welcomed by.
    pub process: Option<u32>,
    /// Its own texts, each at the index that is its number.
    pub said: Vec<String>,
    /// All texts of the room.
    pub heard: Vec<String>,
    /// The numbers of its texts that may have been lost.
    pub unknown: HashSet<u64>,
    /// What the process closed each connection with that has ended.
    pub ends: Vec<Option<CloseCode>>,
}

pub struct Crowd {
    clients: Vec<Client>,
    sockets: Vec<Arc<Reconnecting<Socket>>>,
    events: UnboundedReceiver<(usize, ReconnectEvent)>,
    /// Ended with this value.
    _tasks: JoinSet<()>,
}

impl Crowd {
    pub fn new(url: String, size: usize) -> Crowd {
        let (sender, events) = unbounded_channel();
        let mut tasks = JoinSet::new();
        let sockets = (0..size).map(|number| {
            let moment = Duration::from_millis(10);
            let reconnect = Reconnect::to(url.as_str()).delays(moment, 10 * moment);
            let socket = Arc::new(Reconnecting::new(Socket::new(), reconnect));
            tasks.spawn(run(number, socket.clone(), sender.clone()));
            socket
        });
        Crowd {
            sockets: sockets.collect(),
            clients: (0..size).map(|_| Client::default()).collect(),
            events,
            _tasks: tasks,
        }
    }

    pub fn clients(&self) -> &[Client] {
        &self.clients
    }

    /// Those that this process serves.
    pub fn of(&self, process: u32) -> Vec<usize> {
        let all = self.clients.iter().enumerate();
        let its = all.filter(|(_, client)| client.process == Some(process));
        its.map(|(number, _)| number).collect()
    }

    /// A client says something that nobody has said before.
    pub fn say(&mut self, client: usize) -> String {
        let said = &mut self.clients[client].said;
        let text = format!("{client} says {}", said.len());
        let sent = self.sockets[client].send(text.as_str().into());
        assert_eq!(sent.expect("there is room"), said.len() as u64);
        said.push(text.clone());
        text
    }

    /// Waits until it holds for each client.
    pub async fn until_all(&mut self, holds: impl Fn(&Client) -> bool) {
        for number in 0..self.clients.len() {
            while !holds(&self.clients[number]) {
                let event = self.events.recv().await;
                let (number, event) = event.expect("no client gives up");
                self.see(number, event);
            }
        }
    }

    fn see(&mut self, number: usize, event: ReconnectEvent) {
        let client = &mut self.clients[number];
        match event {
            ReconnectEvent::Socket(Event::Message(message)) => {
                let text = message.as_text().expect("rooms have texts").to_owned();
                if let Some((_, process)) = text.split_once("welcome to lobby in ") {
                    client.process = Some(process.parse().expect("a number"));
                    return;
                }
                let own = client.said.iter().position(|said| *said == text);
                if let Some(own) = own {
                    self.sockets[number].acknowledge(own as u64);
                }
                client.heard.push(text);
            }
            ReconnectEvent::Ended {
                unknown,
                peer_close,
                ..
            } => {
                client.process = None;
                client.unknown.extend(unknown);
                client.ends.push(peer_close.map(|close| close.code()));
            }
            _ => {}
        }
    }
}

async fn run(
    number: usize,
    socket: Arc<Reconnecting<Socket>>,
    events: UnboundedSender<(usize, ReconnectEvent)>,
) {
    while let Some(event) = socket.next_event().await {
        if events.send((number, event)).is_err() {
            return;
        }
    }
}
