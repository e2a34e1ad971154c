//! `Messages`, and sockets behind the trait alone.

use std::sync::Arc;
use std::sync::mpsc::channel;

use futures::{FutureExt, SinkExt, StreamExt};
use qwebsocket::{
    ByteStream, Close, CloseCode, ErrorKind, Event, Listener, Message, Messages, Options,
    Reconnect, ReconnectEvent, Reconnecting, Request, Socket, State, Typed, WebSocket,
    WebSocketExt,
};

use crate::common::{run, word};

/// A server that sends back so many messages and closes.
async fn server(count: usize) -> String {
    let mut listener = Listener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("ws://{}/", listener.local_address());
    async_std::task::spawn(async move {
        let socket = listener.next().await.unwrap()?.await?.accept(None).await?;
        let mut messages = Messages::new(socket);
        for _ in 0..count {
            let message = messages.next().await.expect("the client sends them all")?;
            messages.send(message).await?;
        }
        messages
            .get_ref()
            .close(Close::new(CloseCode::GOING_AWAY, "enough"))?;
        while messages.next().await.is_some() {}
        Ok::<(), qwebsocket::Error>(())
    });
    url
}

#[test]
fn messages_are_a_stream_and_a_sink() {
    run(async {
        let socket = Socket::connect(server(3).await).await.unwrap();
        let mut messages = Messages::new(socket);
        let sent: [Message; 3] = ["one".into(), vec![2; 200_000].into(), "three".into()];
        for message in sent.clone() {
            messages.feed(message).await.unwrap();
        }
        messages.flush().await.unwrap();
        for message in sent {
            assert_eq!(messages.next().await.unwrap().unwrap(), message);
        }
        assert!(messages.next().await.is_none());
        let socket = messages.into_inner();
        assert_eq!(socket.closed(), Some(Close::new(1001, "enough")));
    });
}

#[test]
fn a_bounded_queue_refuses_no_message_of_a_sink() {
    run(async {
        let options = Options::new().write_queue(100);
        let socket = Socket::with_options(options).unwrap();
        socket.open(server(20).await.into()).unwrap();
        while !socket.is_valid() {
            socket.next_event().await.unwrap();
        }
        let (mut sink, stream) = Messages::new(socket).split();
        let lengths = (0..20).map(|number| number * 10);
        let sent = lengths.map(|length| Message::from(vec![7; length]));
        let send = async {
            for message in sent.clone() {
                sink.feed(message).await.unwrap();
            }
            sink.flush().await.unwrap();
        };
        let (_, received) = futures::join!(send, stream.map(Result::unwrap).collect::<Vec<_>>());
        assert_eq!(received, sent.collect::<Vec<_>>());
    });
}

/// The peer sends once and closes; what `split` and `forward` hold back then is still sent.
#[test]
fn an_answer_that_a_combinator_holds_is_sent_before_the_close() {
    run(async {
        let mut listener = Listener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("ws://{}/", listener.local_address());
        let server = async_std::task::spawn(async move {
            let incoming = listener.next().await.unwrap()?.await?;
            let socket = incoming.accept(None).await?;
            socket.send("once".into())?;
            socket.close(Close::new(CloseCode::GOING_AWAY, "enough"))?;
            let mut messages = Vec::new();
            while let Some(event) = socket.next_event().await {
                if let Event::Message(message) = event {
                    messages.push(message);
                }
            }
            Ok::<_, qwebsocket::Error>(messages)
        });
        let socket = Socket::connect(url).await.unwrap();
        let (sink, stream) = Messages::new(socket).split();
        stream.forward(sink).await.unwrap();
        assert_eq!(server.await.unwrap(), ["once".into()]);
    });
}

/// The task that sends has its turn, too, when another one reads.
#[test]
fn a_task_that_sends_has_its_turn_before_the_close() {
    run(async {
        let socket = Socket::connect(server(1).await).await.unwrap();
        let (mut sink, mut stream) = Messages::new(socket).split();
        let (sender, mut receiver) = futures::channel::mpsc::unbounded();
        sink.send("first".into()).await.unwrap();
        let read = async move {
            while let Some(message) = stream.next().await {
                sender.unbounded_send(message?).unwrap();
            }
            Ok::<_, qwebsocket::Error>(())
        };
        let write = async move {
            while let Some(message) = receiver.next().await {
                sink.send(message).await?;
            }
            Ok(())
        };
        futures::try_join!(read, write).unwrap();
    });
}

#[test]
fn a_closed_sink_closes_the_connection() {
    run(async {
        let socket = Socket::connect(server(2).await).await.unwrap();
        let mut messages = Messages::new(socket);
        messages.send("last".into()).await.unwrap();
        SinkExt::close(&mut messages).await.unwrap();
        assert_eq!(messages.get_ref().state(), State::Closing);
        let last = messages.next().await.unwrap().unwrap();
        assert_eq!(last, "last".into());
        assert!(messages.next().await.is_none());
        assert_eq!(messages.get_ref().close_code(), Some(CloseCode::NORMAL));
    });
}

#[test]
fn a_lost_connection_is_an_item() {
    run(async {
        let refused = support::refused_port().unwrap();
        let socket = Socket::new();
        socket.open(Request::new(refused.base())).unwrap();
        let mut messages = Messages::new(socket);
        assert!(messages.next().await.unwrap().is_err());
        assert!(messages.next().await.is_none());
    });
}

#[test]
fn the_trait_alone_is_enough() {
    run(async {
        let socket: Box<dyn WebSocket> = Box::new(Socket::new());
        assert!(socket.try_next().is_none());
        socket.open(server(1).await.into()).unwrap();
        let mut answers = Vec::new();
        while let Some(event) = socket.next_event().await {
            match event {
                Event::Connected => drop(socket.send_text_message("through the trait").unwrap()),
                Event::Message(message) => answers.push(message),
                _ => {}
            }
        }
        assert_eq!(answers, ["through the trait".into()]);
        assert!(socket.next_event().now_or_never().is_some());
    });
}

#[test]
fn what_is_no_message_is_told_in_its_place() {
    run(async {
        let socket = Arc::new(Socket::new());
        socket.open(server(1).await.into()).unwrap();
        let (told, events) = channel();
        let (of_events, sender) = (told.clone(), socket.clone());
        let mut messages = Messages::new(socket).on_event(move |event| {
            of_events.send(word(&event)).unwrap();
            if let Event::Connected = event {
                sender.send("once".into()).unwrap();
            }
        });
        while let Some(message) = messages.next().await {
            told.send(Some(format!("{:?}", message.unwrap()))).unwrap();
        }
        let told: Vec<_> = events.try_iter().flatten().collect();
        let expected = [
            "Connecting",
            "Connected",
            "Connected",
            "Text(\"once\")",
            "AboutToClose",
            "Closing",
            "Unconnected",
            "ReadFinished",
            "Disconnected",
        ];
        assert_eq!(told, expected);
    });
}

/// They wait in its queue, whose bound is the sink's; who has kept a clone may end it.
#[test]
fn messages_wait_for_a_connection() {
    run(async {
        let refused = support::refused_port().unwrap();
        let reconnect = Reconnect::to(refused.base()).queue(1000);
        let socket = Arc::new(Reconnecting::new(Socket::new(), reconnect));
        let (told, events) = channel();
        let messages = Messages::new(socket.clone()).on_event(move |event| {
            if let ReconnectEvent::Connecting { .. } = event {
                told.send(()).unwrap();
            }
        });
        let (mut sink, mut stream) = messages.split();
        sink.send(vec![7; 900].into()).await.unwrap();
        let error = sink.send(vec![7; 900].into()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::QueueFull);
        let error = stream.next().await.unwrap().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ConnectionRefused);
        // The next attempt waits, and is never made.
        socket.set_online(false);
        socket.close(Close::default()).unwrap();
        assert!(stream.next().await.is_none());
        assert_eq!(events.try_iter().count(), 1);
        assert_eq!(socket.take_unsent().len(), 1);
    });
}

/// Whatever is made of a socket can move to another thread as the socket can.
#[test]
fn what_is_made_of_a_socket_is_send_and_sync() {
    fn is_send_and_sync<T: Send + Sync>() {}
    is_send_and_sync::<Messages<Socket>>();
    is_send_and_sync::<ByteStream<Socket>>();
    is_send_and_sync::<Typed<Reconnecting<Arc<Socket>>, *const u8, *const u8, ()>>();
}
