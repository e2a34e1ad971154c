use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context as Cx, Poll, Waker, ready};
use std::thread;
use std::time::Duration;

use futures::channel::mpsc;
use futures::{AsyncWrite, StreamExt};
use rustls::{Connection, Error as RustlsError, IoState};

use super::connection::{self, Context, Told};
use super::error;
use super::exchange::{last_word, poll_receive, poll_send};
use super::stream::Stream;
use crate::backend::native::error::io_error;
use crate::backend::native::timeout::timeout;
use crate::backend::native::tls::bridge::Bridge;
use crate::backend::native::tls::closure;
use crate::backend::native::tls::library::Peer;
use crate::backend::native::tls::verdict;
use crate::backend::native::transport::Transport;
use crate::error::Error;
use crate::platform::now;

type Processed = (Connection, Result<IoState, RustlsError>);

pub(super) async fn run(
    mut tls: Connection,
    context: &Arc<Context>,
    transport: Box<dyn Transport>,
    peer: &Peer,
) -> Result<Stream, Error> {
    let mut bridge = Bridge::new(transport);
    let mut limit = peer.limit;
    loop {
        let is_over = within(&mut limit, exchange(&mut tls, &mut bridge, context)).await?;
        if is_over {
            return Ok(Stream::new(tls, bridge, context.clone()));
        }
        let processed;
        (tls, processed) = match context.asks() {
            true => process_aside(tls, context, peer).await?,
            false => {
                let processed = connection::within(context, || tls.process_new_packets());
                (tls, processed)
            }
        };
        if context.has_panicked() {
            return Err(closure::panicked());
        }
        if let Err(error) = processed {
            // The alert, as far as it goes without waiting.
            let _ = poll_send(&mut tls, &mut bridge, &mut Cx::from_waker(Waker::noop()));
            return Err(error::refused("TLS handshake failed", error, context));
        }
    }
}

/// Sends what there is and waits for an answer; true once the handshake is over.
async fn exchange(
    tls: &mut Connection,
    bridge: &mut Bridge,
    context: &Arc<Context>,
) -> Result<bool, Error> {
    let send = poll_fn(|cx| {
        ready!(poll_send(tls, bridge, cx))?;
        Pin::new(&mut bridge.transport).poll_flush(cx)
    });
    if let Err(error) = send.await {
        let word = poll_fn(|cx| Poll::Ready(last_word(tls, bridge, context, cx))).await;
        return Err(word.unwrap_or_else(|| io_error(error)));
    }
    if !tls.is_handshaking() {
        return Ok(true);
    }
    match poll_fn(|cx| poll_receive(tls, bridge, cx)).await {
        Ok(0) => Err(io_error(io::ErrorKind::UnexpectedEof.into())),
        Ok(_) => Ok(false),
        Err(error) => Err(io_error(error)),
    }
}

/// Does this within what is left of the time.
async fn within<T>(
    limit: &mut Option<Duration>,
    step: impl Future<Output = Result<T, Error>>,
) -> Result<T, Error> {
    let start = now();
    let result = timeout(*limit, "the TLS handshake took too long", step).await;
    let taken = now() - start;
    *limit = limit.map(|limit| limit.saturating_sub(taken));
    result
}

/// Lets a thread go on that may wait for the application.
async fn process_aside(
    mut tls: Connection,
    context: &Arc<Context>,
    peer: &Peer,
) -> Result<Processed, Error> {
    let (told, mut telling) = mpsc::unbounded();
    let own = context.clone();
    let work = move || {
        let _asking = own.ask_by(told.clone());
        let processed = connection::within(&own, || tls.process_new_packets());
        // Without anybody to hear it the connection is gone.
        let _ = told.unbounded_send(Told::Done(Box::new(tls), processed));
    };
    let builder = thread::Builder::new().name("TLS handshake".to_owned());
    builder.spawn(work).map_err(io_error)?;
    while let Some(told) = telling.next().await {
        match told {
            Told::Errors(errors, answer) => {
                let judged = verdict::judge(context.config(), peer, errors).await;
                // It waits.
                let _ = answer.send(judged);
            }
            Told::Done(tls, processed) => return Ok((*tls, processed)),
        }
    }
    Err(closure::panicked())
}
