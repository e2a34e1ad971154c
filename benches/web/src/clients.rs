//! The libraries, each used as its documentation recommends.

use std::future::Future;

use futures::stream::SplitSink;
use futures::{SinkExt, StreamExt};
use qwebsocket::{Event, Message, Socket, WebSocket, WebSocketExt};

/// A connection that is expected to work: whatever goes wrong is a panic.
pub trait Client {
    /// The library's own message.
    type Message;

    fn text(text: &str) -> Self::Message;
    fn binary(data: &[u8]) -> Self::Message;
    fn connect(url: &str) -> impl Future<Output = Self>;
    fn send(&mut self, message: Self::Message) -> impl Future<Output = ()>;

    /// The length of the next message.
    fn receive(&mut self) -> impl Future<Output = usize>;
}

pub struct QWebSocket(Socket);

impl Client for QWebSocket {
    type Message = Message;

    fn text(text: &str) -> Message {
        text.into()
    }

    fn binary(data: &[u8]) -> Message {
        data.into()
    }

    async fn connect(url: &str) -> QWebSocket {
        QWebSocket(Socket::connect(url).await.expect("the server is there"))
    }

    async fn send(&mut self, message: Message) {
        self.0.send(message).expect("connected");
    }

    async fn receive(&mut self) -> usize {
        loop {
            if let Event::Message(message) = self.0.next_event().await.expect("connected") {
                return message.len();
            }
        }
    }
}

pub struct GlooNet {
    sink: SplitSink<gloo_net::websocket::futures::WebSocket, gloo_net::websocket::Message>,
    stream: futures::stream::SplitStream<gloo_net::websocket::futures::WebSocket>,
}

impl Client for GlooNet {
    type Message = gloo_net::websocket::Message;

    fn text(text: &str) -> Self::Message {
        gloo_net::websocket::Message::Text(text.to_owned())
    }

    fn binary(data: &[u8]) -> Self::Message {
        gloo_net::websocket::Message::Bytes(data.to_owned())
    }

    async fn connect(url: &str) -> GlooNet {
        let socket = gloo_net::websocket::futures::WebSocket::open(url);
        let (sink, stream) = socket.expect("a good URL").split();
        GlooNet { sink, stream }
    }

    async fn send(&mut self, message: Self::Message) {
        self.sink.send(message).await.expect("connected");
    }

    async fn receive(&mut self) -> usize {
        match self.stream.next().await {
            Some(Ok(gloo_net::websocket::Message::Text(text))) => text.len(),
            Some(Ok(gloo_net::websocket::Message::Bytes(data))) => data.len(),
            other => panic!("no message but {other:?}"),
        }
    }
}

pub struct WsStream(ws_stream_wasm::WsStream);

impl Client for WsStream {
    type Message = ws_stream_wasm::WsMessage;

    fn text(text: &str) -> Self::Message {
        ws_stream_wasm::WsMessage::Text(text.to_owned())
    }

    fn binary(data: &[u8]) -> Self::Message {
        ws_stream_wasm::WsMessage::Binary(data.to_owned())
    }

    async fn connect(url: &str) -> WsStream {
        let connected = ws_stream_wasm::WsMeta::connect(url, None).await;
        WsStream(connected.expect("the server is there").1)
    }

    async fn send(&mut self, message: Self::Message) {
        self.0.send(message).await.expect("connected");
    }

    async fn receive(&mut self) -> usize {
        match self.0.next().await.expect("connected") {
            ws_stream_wasm::WsMessage::Text(text) => text.len(),
            ws_stream_wasm::WsMessage::Binary(data) => data.len(),
        }
    }
}
