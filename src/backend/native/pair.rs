//! Both ends of a connection in memory: an upgrade over a pipe.

mod pipe;

use super::server::ServerHandshake;
use super::{ClientHandshake, Handle};
use crate::error::Error;
use crate::options::Options;

/// How many bytes wait in each direction before the writer has to.
const ROOM: usize = 64 * 1024;

/// RFC 6761 §6.3.
const URL: &str = "ws://localhost/";

/// A client and its server; both options are built.
pub(crate) fn pair(client: Options, server: Options) -> Result<(Handle, Handle), Error> {
    let asked = ClientHandshake::new(URL.into(), &client)?;
    let mut asking = ServerHandshake::new("GET", asked.target(), asked.headers().clone())?;
    let (answer, of_server) = asking.accept(None, server.get_compression())?;
    let of_client = asked.finish(answer)?;
    let (near, far) = pipe::pipe(ROOM);
    Ok((
        Handle::upgraded(near, of_client, client)?,
        Handle::upgraded(far, of_server, server)?,
    ))
}
