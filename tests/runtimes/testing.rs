//! Connections in memory, wherever they are polled.

use futures::future::join;
use qwebsocket::{CloseCode, Options, Socket, WebSocket, WebSocketExt, testing};

use crate::common::PLACES;

async fn talk() {
    let (client, server) = testing::pair(Options::new(), Options::new()).unwrap();
    let ask = async {
        client.send_text("ping").unwrap();
        let answer = client.next_message().await.unwrap().unwrap();
        assert_eq!(answer, "pong".into());
        client.close_and_wait(CloseCode::NORMAL).await.unwrap();
    };
    let answer = async {
        let question = server.next_message().await.unwrap().unwrap();
        assert_eq!(question, "ping".into());
        server.send_text("pong").unwrap();
        while server.next_event().await.is_some() {}
    };
    join(ask, answer).await;
    let clean = |socket: &Socket| socket.close_code() == Some(CloseCode::NORMAL);
    assert!(clean(&client) && clean(&server));
}

#[test]
fn a_pair_talks_everywhere_without_a_runtime_too() {
    for place in PLACES {
        place.run(talk());
    }
}

/// The clock stands while there is something to do, and then shows when the next timer ends.
#[cfg(feature = "tokio")]
#[test]
fn a_silent_peer_is_given_up_in_paused_time() {
    use std::time::Duration;

    use qwebsocket::{ErrorKind, KeepAlive};
    use tokio::runtime::Builder;

    const S: Duration = Duration::from_secs(1);
    let mut builder = Builder::new_current_thread();
    let runtime = builder.enable_all().start_paused(true).build().unwrap();
    runtime.block_on(async {
        let options = Options::new().keep_alive(KeepAlive::ping(30 * S).limit(10 * S));
        // Nobody polls the client, so it does not answer.
        let (_client, server) = testing::pair(Options::new(), options).unwrap();
        let start = tokio::time::Instant::now();
        while server.next_event().await.is_some() {}
        assert_eq!(server.last_error().unwrap().kind(), ErrorKind::TimedOut);
        assert!(start.elapsed() >= 40 * S);
    });
}
