//! Events in a form that can be compared.

use std::pin::pin;

use futures::future::{Either, select};
use qwebsocket::{Event, Socket, WebSocketExt};

use crate::time::sleep;

/// Longer than anything here takes, shorter than the runner's patience.
const PATIENCE: u32 = 10_000;

/// The next event but `BytesWritten`, whose place in the order is the browser's choice.
pub(crate) async fn next(socket: &Socket) -> Option<Event> {
    loop {
        match select(pin!(socket.next_event()), pin!(sleep(PATIENCE))).await {
            Either::Left((Some(Event::BytesWritten(_)), _)) => {}
            Either::Left((event, _)) => return event,
            Either::Right(_) => panic!("no event of {socket:?}"),
        }
    }
}

/// All events up to the end, as [`told`] tells them.
pub(crate) async fn rest(socket: &Socket) -> Vec<String> {
    let mut all = Vec::new();
    while let Some(event) = next(socket).await {
        all.push(told(&event));
    }
    all
}

/// Takes events up to this one, which it tells, too.
pub(crate) async fn until(socket: &Socket, last: &str) -> Vec<String> {
    let mut all = Vec::new();
    while all.last().is_none_or(|event| event != last) {
        let event = next(socket).await;
        all.push(told(
            &event.unwrap_or_else(|| panic!("{all:?} without {last}")),
        ));
    }
    all
}

/// An error is told by its kind.
pub(crate) fn told(event: &Event) -> String {
    match event {
        Event::StateChanged(state) => format!("{state:?}"),
        Event::Connected => "connected".into(),
        Event::AboutToClose => "about to close".into(),
        Event::Disconnected => "disconnected".into(),
        Event::ReadFinished => "read finished".into(),
        Event::Error(error) => format!("error {:?}", error.kind()),
        other => format!("{other:?}"),
    }
}
