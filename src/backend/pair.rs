//! Both ends of a connection in memory.

mod pipe;

use super::Socket;
use super::upgrade::{ClientHandshake, ServerHandshake};
use crate::error::Error;
use crate::options::Options;

/// How many bytes wait in each direction before the writer has to.
const ROOM: usize = 64 * 1024;

/// RFC 6761 §6.3.
const URL: &str = "ws://localhost/";

/// Two sockets that are connected to each other over memory: a client, and a server. They are
/// connected from the start and emit no event for it, have agreed on compression if both options have
/// it, and differ from a connection over TCP in nothing but the stream: 64 KiB wait in each
/// direction, then the writer waits for the reader. What is dropped hangs up.
///
/// It takes no runtime, only an executor; time limits and [keep-alive](Options::keep_alive) go by
/// the clock of the runtime, if there is one, so also by tokio's paused one. Each socket is driven by
/// whoever polls it: poll both, as with `futures::join!`.
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
/// Not in a browser, which connects by itself:
/// [`Features::OWN_STREAM`](crate::Features::OWN_STREAM). Natively it needs the crate feature `server`,
/// which is on by default.
/// [`ScriptedSocket`](crate::testing::ScriptedSocket) works there, too.
pub fn pair(client: Options, server: Options) -> Result<(Socket, Socket), Error> {
    let asked = ClientHandshake::new(URL, &client)?;
    let headers = asked.headers().clone();
    let asking = ServerHandshake::new("GET", asked.resource_name(), headers)?;
    let (answer, of_server) = asking.accept(None, &server)?;
    let of_client = asked.finish(answer)?;
    let (near, far) = pipe::pipe(ROOM);
    Ok((
        Socket::upgraded(near, of_client, client)?,
        Socket::upgraded(far, of_server, server)?,
    ))
}
