//! MQTT 3.1.1 with mosquitto, over a stream of bytes.

use std::io;

use bytes::BytesMut;
use futures::{AsyncReadExt, AsyncWriteExt};
use mqttbytes::v4::{
    ConnAck, Connect, ConnectReturnCode, Disconnect, Packet, Publish, SubAck, Subscribe,
    SubscribeReasonCode, read,
};
use mqttbytes::{Error, QoS};
use qwebsocket::{ByteStream, Message, Options, Request, WebSocket, WebSocketExt};

use super::{Lab, Target};

/// The largest packet that is read.
const MAX_PACKET: usize = 1 << 20;

/// What is published comes back over the broker, a packet larger than a message as well.
pub(crate) async fn mqtt_over_bytes<T: Target>(_: Lab<T>) {
    let lender = open::<T>(format!("{}/broker", T::server()).into()).await;
    let url = lender.next_message().await.expect("a message");
    let Ok(Message::Text(url)) = url else {
        panic!("no broker: {url:?}");
    };

    let socket = open::<T>(Request::new(&*url).subprotocol("mqtt")).await;
    assert_eq!(socket.subprotocol().as_deref(), Some("mqtt"));
    let mut client = Client {
        stream: ByteStream::new(socket),
        received: BytesMut::new(),
    };
    client.exchange().await.expect("the broker's answers");

    lender.close(Default::default()).expect("a good code");
    while lender.next_event().await.is_some() {}
}

async fn open<T: Target>(request: Request) -> T::Socket {
    let socket = T::socket(Options::new()).expect("default options work everywhere");
    socket.open(request).expect("a good request");
    while !socket.is_valid() {
        let event = socket.next_event().await;
        assert!(event.is_some(), "{:?}", socket.last_error());
    }
    socket
}

/// What it takes of a client: packets over any stream.
struct Client<S> {
    stream: S,
    received: BytesMut,
}

impl<S: AsyncReadExt + AsyncWriteExt + Unpin> Client<S> {
    async fn exchange(&mut self) -> io::Result<()> {
        self.send(|out| Connect::new("qwebsocket").write(out))
            .await?;
        let accepted = ConnAck::new(ConnectReturnCode::Success, false);
        assert_eq!(self.receive().await?, Packet::ConnAck(accepted));

        let mut subscribe = Subscribe::new("prices/#", QoS::AtMostOnce);
        subscribe.pkid = 7;
        self.send(|out| subscribe.write(out)).await?;
        let granted = SubscribeReasonCode::Success(QoS::AtMostOnce);
        let subscribed = SubAck::new(7, vec![granted]);
        assert_eq!(self.receive().await?, Packet::SubAck(subscribed));

        for payload in [vec![], b"2.50".to_vec(), vec![9; 66_000]] {
            let publish = Publish::new("prices/tea", QoS::AtMostOnce, payload);
            self.send(|out| publish.write(out)).await?;
            assert!(self.receive().await? == Packet::Publish(publish));
        }

        // The broker ends the connection then (MQTT 3.1.1 §3.14.4), and none of it is lost.
        self.send(|out| Disconnect.write(out)).await?;
        self.stream.close().await?;
        let _ = self.stream.read_to_end(&mut Vec::new()).await;
        Ok(())
    }

    async fn send(
        &mut self,
        write: impl FnOnce(&mut BytesMut) -> Result<usize, Error>,
    ) -> io::Result<()> {
        let mut packet = BytesMut::new();
        write(&mut packet).expect("a small packet");
        self.stream.write_all(&packet).await?;
        self.stream.flush().await
    }

    async fn receive(&mut self) -> io::Result<Packet> {
        loop {
            match read(&mut self.received, MAX_PACKET) {
                Ok(packet) => return Ok(packet),
                Err(Error::InsufficientBytes(_)) => {}
                Err(error) => return Err(io::Error::other(format!("{error:?}"))),
            }
            let mut part = [0; 4096];
            let length = self.stream.read(&mut part).await?;
            if length == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            self.received.extend_from_slice(&part[..length]);
        }
    }
}

cases! {
    mqtt_over_bytes,
}
