//! `Reconnecting` against a server that misbehaves.

use std::collections::HashSet;
use std::fs;
use std::net::Shutdown;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_std::net::{TcpListener, TcpStream};
use async_std::task;
use futures::{AsyncReadExt, AsyncWriteExt};
use qwebsocket::{
    Close, ErrorKind, Event, Message, Options, Reconnect, ReconnectEvent, Reconnecting, Request,
    Socket, Verdict, WebSocket, WebSocketExt,
};
use socket2::SockRef;
use support::{Accept, Script};

use crate::common::{alone, assert_descriptors, descriptors, run};
use crate::scripted::Scripted;

const CYCLES: usize = 2000;

/// An address that nobody else uses, so that its port is free also while nobody listens.
const HOST: &str = "127.77.31.7";

const MS: Duration = Duration::from_millis(1);

/// What happens to a connection.
#[derive(Clone, Copy, Debug)]
enum Fault {
    /// It ends before the opening handshake.
    Dies,
    /// The opening handshake is refused.
    Refuses,
    /// Nobody listens for a while.
    Leaves,
    /// It is dropped with whatever is unread.
    Drops,
    /// Nothing is read any more, then it is dropped.
    Stalls,
    /// The server ends its direction and reads on.
    HalfCloses,
    /// It is reset.
    Resets,
    /// It is closed as it should be.
    Closes,
}

const FAULTS: [Fault; 8] = [
    Fault::Dies,
    Fault::Refuses,
    Fault::Leaves,
    Fault::Drops,
    Fault::Stalls,
    Fault::HalfCloses,
    Fault::Resets,
    Fault::Closes,
];

/// What the server has got, in its order.
#[derive(Default)]
struct Received {
    numbers: Mutex<Vec<u64>>,
    connections: AtomicUsize,
    /// No more faults.
    behaves: AtomicBool,
}

impl Received {
    fn count(&self) -> usize {
        self.numbers.lock().unwrap().len()
    }

    /// Reads a message and answers with its number.
    async fn take(&self, socket: &Socket) -> bool {
        while let Some(event) = socket.next_event().await {
            if let Event::Message(message) = event {
                let number = number_of(&message);
                self.numbers.lock().unwrap().push(number);
                let _ = socket.send_text(number.to_string());
                return true;
            }
        }
        false
    }

    async fn take_all(&self, socket: &Socket) {
        while self.take(socket).await {}
    }
}

/// A message that carries its number; some are so long that they leave in pieces.
fn numbered(number: u64) -> Message {
    let padding = match number % 16 {
        0 => 200_000,
        1 => 20_000,
        other => other as usize * 10,
    };
    Message::text(format!("{number} {}", "x".repeat(padding)))
}

fn number_of(message: &Message) -> u64 {
    let text = message.as_text().expect("a text");
    let (number, _) = text.split_once(' ').unwrap_or((text, ""));
    number.parse().expect("a number")
}

async fn serve(received: Arc<Received>, mut listener: TcpListener) {
    let address = listener.local_addr().unwrap();
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        let index = received.connections.fetch_add(1, Ordering::SeqCst);
        if received.behaves.load(Ordering::SeqCst) {
            let socket = accept(stream).await;
            received.take_all(&socket).await;
            return;
        }
        let fault = FAULTS[index % FAULTS.len()];
        if let Fault::Leaves = fault {
            drop((stream, listener));
            task::sleep(2 * MS).await;
            listener = TcpListener::bind(address).await.unwrap();
        } else {
            misbehave(fault, index / FAULTS.len(), stream, &received).await;
        }
    }
}

async fn misbehave(fault: Fault, round: usize, mut stream: TcpStream, received: &Received) {
    match fault {
        Fault::Dies => return,
        Fault::Refuses => {
            let answer = b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n";
            let _ = stream.read(&mut [0; 4096]).await;
            let _ = stream.write_all(answer).await;
            return;
        }
        _ => {}
    }
    let socket = accept(stream.clone()).await;
    for _ in 0..round % 5 {
        received.take(&socket).await;
    }
    match fault {
        Fault::Stalls => task::sleep(3 * MS).await,
        Fault::HalfCloses => {
            stream.shutdown(Shutdown::Write).unwrap();
            received.take_all(&socket).await;
        }
        Fault::Resets => SockRef::from(&stream)
            .set_linger(Some(Duration::ZERO))
            .unwrap(),
        Fault::Closes => {
            socket.close(Close::new(1012, "restart")).unwrap();
            received.take_all(&socket).await;
        }
        _ => {}
    }
    // Without a close frame.
    socket.abort();
}

async fn accept(stream: TcpStream) -> Socket {
    let accepting = Socket::accept(stream, Options::new()).unwrap();
    accepting.await.unwrap().accept(None).await.unwrap()
}

/// The client's end: what it sent and what it was told.
struct Client {
    socket: Reconnecting<Socket>,
    sent: u64,
    acknowledged: HashSet<u64>,
    unknown: HashSet<u64>,
}

impl Client {
    fn new(url: &str) -> Client {
        let reconnect = Reconnect::to(url).delays(MS / 10, MS).seed(7);
        let reconnect = reconnect.decide(|_| Verdict::Retry);
        Client {
            socket: Reconnecting::new(Socket::new(), reconnect),
            sent: 0,
            acknowledged: HashSet::new(),
            unknown: HashSet::new(),
        }
    }

    fn send(&mut self) {
        let number = self.socket.send(numbered(self.sent)).unwrap();
        assert_eq!(number, self.sent);
        self.sent += 1;
    }

    fn hear(&mut self, event: &ReconnectEvent) {
        match event {
            ReconnectEvent::Socket(Event::Message(message)) => {
                let number = number_of(message);
                self.socket.acknowledge(number);
                assert!(self.acknowledged.insert(number), "{number} arrived twice");
            }
            ReconnectEvent::Ended { unknown, .. } => {
                for number in unknown.clone() {
                    assert!(!self.acknowledged.contains(&number));
                    assert!(self.unknown.insert(number), "{number} is told twice");
                }
            }
            _ => {}
        }
    }

    /// Keeps some messages under way through so many attempts.
    async fn suffer(&mut self, attempts: usize) {
        let mut count = 0;
        while count < attempts {
            let event = self.socket.next_event().await.expect("it never gives up");
            self.hear(&event);
            if let ReconnectEvent::Connecting { .. } = event {
                count += 1;
            }
            while self.socket.unwritten() < 8 {
                self.send();
            }
        }
    }

    /// Sends until a message is acknowledged that was the last.
    async fn settle(&mut self) {
        self.send();
        while !self.acknowledged.contains(&(self.sent - 1)) {
            let event = self.socket.next_event().await.expect("it never gives up");
            self.hear(&event);
            if self.unknown.contains(&(self.sent - 1)) {
                self.send();
            }
        }
        self.socket.close(Close::default()).unwrap();
        while let Some(event) = self.socket.next_event().await {
            self.hear(&event);
        }
    }
}

/// The memory of this process in KiB.
fn memory() -> usize {
    let status = fs::read_to_string("/proc/self/status").expect("Linux tells the memory");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let size = line.and_then(|line| line.trim().strip_suffix(" kB"));
    size.expect("a size in kB").trim().parse().unwrap()
}

#[test]
fn through_two_thousand_faults_nothing_is_lost_or_doubled() {
    alone(
        "reconnect::through_two_thousand_faults_nothing_is_lost_or_doubled",
        || run(two_thousand_faults()),
    );
}

async fn two_thousand_faults() {
    // The runtime opens descriptors of its own when it is first used.
    let listener = TcpListener::bind((HOST, 0)).await.unwrap();
    let url = format!("ws://{}/", listener.local_addr().unwrap());
    let before = descriptors();
    let received = Arc::<Received>::default();
    let server = task::spawn(serve(received.clone(), listener));
    let mut client = Client::new(&url);

    client.suffer(CYCLES / 4).await;
    let memory_then = memory();
    client.suffer(CYCLES - CYCLES / 4).await;
    let grown = memory().saturating_sub(memory_then);
    assert!(grown < 4 * 1024, "{grown} KiB more than after a quarter");

    received.behaves.store(true, Ordering::SeqCst);
    client.settle().await;
    server.await;
    let numbers = received.numbers.lock().unwrap().clone();
    assert!(received.connections.load(Ordering::SeqCst) > CYCLES / 2);
    assert!(numbers.len() > CYCLES / 2, "only {} arrived", numbers.len());
    assert!(
        numbers.is_sorted_by(|a, b| a < b),
        "doubled, or out of order"
    );
    assert!(client.socket.take_unsent().is_empty());
    let numbers: HashSet<u64> = numbers.into_iter().collect();
    for number in 0..client.sent {
        let is_known = numbers.contains(&number) || client.unknown.contains(&number);
        assert!(is_known, "{number} is lost");
    }
    let Client {
        socket,
        sent,
        unknown,
        ..
    } = client;
    drop(socket);
    assert_descriptors(before);
    assert_eq!(received.count(), numbers.len());
    println!(
        "{} connections, {sent} messages: {} arrived, {} unknown, {} both; {grown} KiB more",
        received.connections.load(Ordering::SeqCst),
        numbers.len(),
        unknown.len(),
        unknown.intersection(&numbers).count(),
    );
}

/// Path, subprotocols and credentials are those of the attempt.
#[test]
fn each_attempt_brings_its_own() {
    let denied = "HTTP/1.1 401 Who\r\nWWW-Authenticate: Basic realm=\"a\"\r\n\
                  Content-Length: 0\r\n\r\n";
    let begin = |script: Script, protocol| {
        let script = script.request().raw(denied).request();
        script.accept_with(Accept::new().protocol(protocol))
    };
    let first = begin(Script::new(), "chat.1").rst();
    let server = Scripted::new(begin(first.next_connection(), "chat.2").serve());
    run(async {
        let port = server.own_port().await;
        let reconnect = Reconnect::asking(move |attempt| async move {
            task::yield_now().await;
            let url = format!("ws://user{attempt}:pass@127.0.0.1:{port}/{attempt}");
            Ok(Request::new(url).subprotocol(format!("chat.{attempt}")))
        });
        let socket = Reconnecting::new(Socket::new(), reconnect.delays(MS, MS));
        let mut told = Vec::new();
        while let Some(event) = socket.next_event().await {
            if let ReconnectEvent::Socket(Event::Connected) = event {
                told.push(socket.info().subprotocol().unwrap().to_owned());
                if told.len() == 2 {
                    socket.close(Close::default()).unwrap();
                }
            }
        }
        assert_eq!(told, ["chat.1", "chat.2"]);
        let basic = ["Basic dXNlcjE6cGFzcw==", "Basic dXNlcjI6cGFzcw=="];
        let sent = server.sent(2, "Authorization").await;
        assert_eq!(sent, ["-", basic[0], "-", basic[1]]);
        let log = server.log(2).await;
        assert_eq!(log.request(1)[0], "GET /1 HTTP/1.1");
        assert_eq!(log.request(2)[0], "GET /2 HTTP/1.1");
    });
}

/// A connection to a server that reads only when it is told to.
async fn beside_a_server(
    reconnect: impl FnOnce(String) -> Reconnect,
) -> (Reconnecting<Socket>, Socket) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("ws://{}/", listener.local_addr().unwrap());
    let client = Reconnecting::new(Socket::new(), reconnect(url));
    let accepted = async { accept(listener.accept().await.unwrap().0).await };
    let connected = async {
        while let Some(event) = client.next_event().await {
            if let ReconnectEvent::Socket(Event::Connected) = event {
                break;
            }
        }
    };
    let (server, ()) = futures::join!(accepted, connected);
    (client, server)
}

/// Drives a client until that has nothing more to do.
fn drive(client: &Reconnecting<Socket>) {
    while client.try_next().is_some() {}
}

#[test]
fn a_peer_that_does_not_read_makes_nobody_keep_more_than_the_queue() {
    const QUEUE: usize = 1 << 20;
    run(async {
        let (client, _server) = beside_a_server(|url| Reconnect::to(url).queue(QUEUE)).await;
        for size in [100, 100_000] {
            let message = Message::binary(vec![0; size]);
            let mut refused = 0;
            // What fits into the system's buffers is written, so it takes some turns.
            while refused < 20 {
                match client.send(message.clone()) {
                    Ok(_) => refused = 0,
                    Err(error) => {
                        assert_eq!(error.kind(), ErrorKind::QueueFull);
                        refused += 1;
                        drive(&client);
                        task::sleep(MS).await;
                    }
                }
                assert!(client.unwritten() <= QUEUE / (size.min(100) + 32));
            }
            assert!(client.bytes_to_write() <= 256 * 1024);
        }
    });
}

#[test]
fn many_tasks_flush_at_once() {
    run(async {
        let (client, server) = beside_a_server(|url| Reconnect::to(url).queue(64 << 20)).await;
        let client = Arc::new(client);
        let flushes: Vec<_> = (0..16_u64)
            .map(|number| {
                let client = client.clone();
                task::spawn(async move {
                    for _ in 0..4 {
                        client.send(numbered(number)).unwrap();
                        client.flush().await.unwrap();
                    }
                })
            })
            .collect();
        let driver = client.clone();
        let driver = task::spawn(async move { while driver.next_event().await.is_some() {} });
        for _ in 0..64 {
            server_takes(&server).await;
        }
        futures::future::join_all(flushes).await;
        assert_eq!(client.unwritten(), 0);
        server.close(Close::default()).unwrap();
        while server.next_event().await.is_some() {}
        driver.await;
    });
}

async fn server_takes(server: &Socket) {
    while let Some(event) = server.next_event().await {
        if let Event::Message(_) = event {
            return;
        }
    }
    panic!("the connection ended: {:?}", server.closed());
}

/// The peer's own frame shows that it has read what came before our close.
#[test]
fn an_answered_close_leaves_nothing_unknown() {
    run(async {
        for answers in [true, false] {
            let (client, server) = beside_a_server(Reconnect::to).await;
            client.send("a".into()).unwrap();
            client.close(Close::default()).unwrap();
            let mut ended = None;
            let ends = async {
                while let Some(event) = client.next_event().await {
                    if let ReconnectEvent::Ended {
                        peer_close,
                        unknown,
                        ..
                    } = event
                    {
                        ended = Some((peer_close, unknown));
                    }
                }
            };
            let serves = async {
                if answers {
                    while server.next_event().await.is_some() {}
                } else {
                    task::sleep(20 * MS).await;
                    server.abort();
                }
            };
            futures::join!(ends, serves);
            let expected = match answers {
                true => (Some(Close::default()), 1..1),
                false => (None, 0..1),
            };
            assert_eq!(ended, Some(expected));
        }
    });
}

/// Answers that do not change are given up, and a faulty one is not waited for for centuries.
#[test]
fn what_a_server_answers_is_not_obeyed_for_ever() {
    let answer = |head: &str| format!("HTTP/1.1 {head}\r\nContent-Length: 0\r\n\r\n");
    let told = |head: &str, attempts: u64| {
        let begin = || Script::new().raw(answer(head).as_str()).fin();
        let script = (1..attempts).fold(begin(), |script, _| {
            format!("{script}|{}", begin()).parse().expect("a script")
        });
        let server = Scripted::new(script);
        run(async {
            let reconnect = Reconnect::to(server.url()).delays(MS, MS);
            let socket = Reconnecting::new(Socket::new(), reconnect);
            while let Some(event) = socket.next_event().await {
                match event {
                    ReconnectEvent::Waiting { delay, .. } if delay > 10 * MS => return Ok(delay),
                    ReconnectEvent::GivenUp { attempts, .. } => return Err(attempts),
                    _ => {}
                }
            }
            panic!("it ended without a word");
        })
    };
    assert_eq!(told("200 OK", 12), Err(10));
    let hour = 3_600_000 * MS;
    for value in ["18446744073709551615", "99999999999999999999999"] {
        let delay = told(&format!("503 Busy\r\nRetry-After: {value}"), 1).unwrap();
        assert!((hour..hour + 10 * MS).contains(&delay), "{delay:?}");
    }
    let date = "503 Busy\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n\
                Retry-After: Fri, 31 Dec 9999 23:59:59 GMT";
    let delay = told(date, 1).unwrap();
    assert!((hour..hour + 10 * MS).contains(&delay), "{delay:?}");
}
