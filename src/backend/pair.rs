//! Both ends of a connection in memory.

use super::{Socket, imp};
use crate::error::Error;
use crate::options::Options;

/// Two sockets that are connected to each other over memory: a client, and a server. They are
/// connected from the start and emit no event for it, and differ from a connection over a network in
/// nothing but that: they have the same features, and the server the same
/// [bounds](crate::Listener#what-a-client-may-take). What is dropped hangs up.
///
/// It needs no runtime, only an executor; time limits and [keep-alive](Options::keep_alive) use the
/// clock of the runtime, if there is one, including tokio's paused clock. Each socket has to be
/// polled, for example by `futures::join!`.
///
/// ```
/// use futures::{executor::block_on, join};
/// use qwebsocket::{Options, WebSocketExt, testing};
///
/// let (client, server) = testing::pair(Options::new(), Options::new())?;
/// let ask = async {
///     client.send_text("ping")?;
///     client.next_message().await.transpose()
/// };
/// let answer = async {
///     let question = server.next_message().await.transpose()?;
///     assert_eq!(question, Some("ping".into()));
///     server.send_text("pong")?;
///     server.flush().await
/// };
/// let (answer, served) = block_on(async { join!(ask, answer) });
/// served?;
/// assert_eq!(answer?, Some("pong".into()));
/// # Ok::<(), qwebsocket::Error>(())
/// ```
///
/// # Errors
///
/// As [`Options::build`], of either.
///
/// # Platform-specific
///
/// Natively it needs the crate feature `server`, which is on by default; 64 KiB wait in each
/// direction, then the writer waits for the reader, and both have agreed on compression if both
/// options have it.
///
/// In a browser both ends are a browser's sockets: nothing keeps a writer waiting, each message
/// arrives in a task of its own, an [`abort`](crate::WebSocket::abort) arrives as a close frame
/// without a code, and the URL is `ws://localhost/`. Test with the executor of the browser, such as
/// `wasm-bindgen-futures`; one that blocks waits for ever.
pub fn pair(client: Options, server: Options) -> Result<(Socket, Socket), Error> {
    let (client, server) = imp::pair::pair(client.build()?, server.of_accepted().build()?)?;
    Ok((Socket(client), Socket(server)))
}
