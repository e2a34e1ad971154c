//! Values over a socket: one definition for both sides and both targets.

use futures::{SinkExt, StreamExt};
use qwebsocket::{
    Options, ReconnectEvent, Reconnecting, Typed, TypedError, WebSocket, WebSocketExt,
};
use support::Script;

use super::reconnect::losing_the_first;
use super::{Lab, Target};

#[path = "../../examples/shared/shop.rs"]
pub(crate) mod shop;

use shop::{Cart, Command, Postcard, Shop, shop};

fn add(item: &str, count: u32) -> Command {
    let item = item.to_owned();
    Command::Add { item, count }
}

fn cart(items: &[(&str, u32)]) -> Cart {
    let items = items
        .iter()
        .map(|(item, count)| (String::from(*item), *count));
    Cart {
        items: items.collect(),
    }
}

/// Values go to a server that shares their definition, and others come back.
pub(crate) async fn typed_postcard<T: Target>(_: Lab<T>) {
    let socket = T::socket(Options::new()).expect("default options work everywhere");
    let url = T::shop().await;
    socket.open(url.into()).expect("an URL of the server");
    while !socket.is_valid() {
        socket.next_event().await.expect("it connects");
    }
    let mut shop = shop(socket, Postcard);
    let steps = [
        (add("tea", 2), cart(&[("tea", 2)])),
        (add("grüner Tee", 1), cart(&[("tea", 2), ("grüner Tee", 1)])),
        (Command::Clear, cart(&[])),
    ];
    for (command, expected) in steps {
        shop.send(command).await.expect("connected");
        let answer = shop.next().await.expect("an answer");
        assert_eq!(answer.expect("a cart"), expected);
    }
    SinkExt::close(&mut shop)
        .await
        .expect("the close frame is written");
    assert!(shop.next().await.is_none());
}

/// A message that cannot be decoded is an item, and the next one is decoded.
pub(crate) async fn typed_not_decoded<T: Target>(lab: Lab<T>) {
    let script = Script::new()
        .accept()
        .binary("")
        .binary(&[1, 1, b'a', 7])
        .binary(&[1, 2, b'a'])
        .binary(&[0])
        .close(1000, "")
        .drain(500);
    let story = lab.connect(script).await;
    let shop: Shop<_, _> = shop(&story.socket, Postcard);
    let told: Vec<_> = shop
        .map(|item| match item {
            Ok(cart) => Some(cart),
            Err(TypedError::Decode(_)) => None,
            Err(error) => panic!("{error:?}"),
        })
        .collect()
        .await;
    let expected = [None, Some(cart(&[("a", 7)])), None, Some(cart(&[]))];
    assert_eq!(told, expected);
}

/// The values go on over the next connection, and what is not a value is told.
pub(crate) async fn typed_reconnecting<T: Target>(lab: Lab<T>) {
    let (socket, reconnect) = losing_the_first(&lab);
    let socket = Reconnecting::new(socket, reconnect);
    let (events, told) = std::sync::mpsc::channel();
    let mut commands =
        Typed::<_, Command, Command, _>::new(socket, Postcard).on_event(move |event| match event {
            ReconnectEvent::Connecting { attempt, .. } => drop(events.send(format!("{attempt}"))),
            ReconnectEvent::Ended { unknown, .. } => drop(events.send(format!("{unknown:?}"))),
            _ => {}
        });
    commands.feed(add("lost", 1)).await.expect("it is queued");
    // The error of the first connection is an item.
    assert!(matches!(
        commands.next().await,
        Some(Err(TypedError::Socket(_)))
    ));
    commands.feed(add("tea", 2)).await.expect("it is queued");
    let echo = commands.next().await.expect("another connection");
    assert_eq!(echo.expect("a command"), add("tea", 2));
    SinkExt::close(&mut commands)
        .await
        .expect("it is connected");
    assert!(commands.next().await.is_none());
    let told: Vec<_> = told.try_iter().collect();
    assert_eq!(told, ["1", "0..1", "2", "2..2"]);
}

cases! {
    typed_postcard,
    typed_not_decoded,
    typed_reconnecting,
}

#[cfg(feature = "serde")]
pub(crate) mod json {
    use futures::{SinkExt, StreamExt};
    use qwebsocket::{Error, Json, Typed, TypedError};
    use support::Script;

    use super::shop::Command;
    use super::{Lab, Target, add};

    /// Text both ways; bytes are read as well, and what is no JSON of the type is an item.
    pub(crate) async fn typed_json<T: Target>(lab: Lab<T>) {
        let script = Script::new()
            .accept()
            .frames(2, 8000)
            .binary(r#"{"Add":{"item":"tea","count":7}}"#)
            .text("{}")
            .text(r#""Clear""#)
            .close(1000, "")
            .drain(500);
        let story = lab.connect(script).await;
        let mut typed = Typed::<_, Command, Command, _>::new(&story.socket, Json);
        for command in [add("grün", 2), Command::Clear] {
            typed.send(command).await.expect("connected");
        }
        assert_eq!(
            typed.next().await.expect("a value").expect("a command"),
            add("tea", 7)
        );
        let error = typed
            .next()
            .await
            .expect("an item")
            .expect_err("no command");
        let TypedError::Decode(error) = error else {
            panic!("{error:?}");
        };
        let inner = Error::get_ref(&error).expect("of serde_json");
        assert!(inner.is::<serde_json::Error>());
        let last = typed.next().await.expect("a value");
        assert_eq!(last.expect("a command"), Command::Clear);
        assert!(typed.next().await.is_none());
        let log = story.run.log(1).await;
        let texts = log
            .frames(1)
            .into_iter()
            .filter_map(|frame| frame.body.text());
        let texts: Vec<_> = texts.map(|text| text.to_string()).collect();
        assert_eq!(
            texts[..2],
            [r#"{"Add":{"item":"grün","count":2}}"#, r#""Clear""#]
        );
    }

    cases! {
        typed_json,
    }
}
