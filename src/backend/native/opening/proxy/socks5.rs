//! SOCKS5 (RFC 1928), with names resolved by the proxy.

use std::net::IpAddr;
use std::time::Duration;

use futures::{AsyncReadExt, AsyncWriteExt};

use crate::auth::{AuthScheme, Credentials};
use crate::backend::native::error::io_error;
use crate::backend::native::opening::auth::CredentialSource;
use crate::backend::native::opening::endpoint::Endpoint;
use crate::backend::native::timeout::timeout;
use crate::backend::native::transport::Transport;
use crate::error::{Error, ErrorKind};

const VERSION: u8 = 5;
const NO_LOGIN: u8 = 0;
const PASSWORD: u8 = 2;
const NONE_ACCEPTABLE: u8 = 0xFF;
const CONNECT: u8 = 1;
const RESERVED: u8 = 0;
const IPV4: u8 = 1;
const NAME: u8 = 3;
const IPV6: u8 = 4;

/// The version of the login inside (RFC 1929 §2).
const LOGIN_VERSION: u8 = 1;

/// Opens the tunnel. False if the proxy has to be asked again on a new connection.
pub(crate) async fn open(
    stream: &mut dyn Transport,
    url: &Endpoint,
    login: &mut CredentialSource,
    limit: Option<Duration>,
) -> Result<bool, Error> {
    const TOO_LONG: &str = "the proxy took too long";
    match timeout(limit, TOO_LONG, greet(stream, login.is_able())).await? {
        NO_LOGIN => {}
        PASSWORD if login.is_able() => {
            let credentials = match login.current() {
                // On an earlier connection the proxy was content with them.
                Some(current) => Some(current),
                None => login.next(AuthScheme::Socks5, "").await,
            };
            let Some(credentials) = credentials else {
                return Err(unknown("the proxy asks for credentials"));
            };
            let message = login_message(credentials)?;
            if !timeout(limit, TOO_LONG, log_in(stream, &message)).await? {
                return match login.next(AuthScheme::Socks5, "").await {
                    Some(_) => Ok(false),
                    None => Err(unknown("the proxy refused the credentials")),
                };
            }
        }
        NONE_ACCEPTABLE | PASSWORD => {
            return Err(unknown(
                "the proxy asks for credentials, or a way to send them that it was not offered",
            ));
        }
        _ => return Err(malformed("it chose a way to log in that was not offered")),
    }
    timeout(limit, TOO_LONG, connect(stream, url)).await?;
    Ok(true)
}

/// Offers what we can do; the method that the proxy chose.
async fn greet(stream: &mut dyn Transport, may_log_in: bool) -> Result<u8, Error> {
    let greeting: &[u8] = if may_log_in {
        &[VERSION, 2, NO_LOGIN, PASSWORD]
    } else {
        &[VERSION, 1, NO_LOGIN]
    };
    write(stream, greeting).await?;
    let [version, method] = read(stream).await?;
    if version != VERSION {
        return Err(malformed("it does not speak version 5"));
    }
    Ok(method)
}

fn login_message(credentials: &Credentials) -> Result<Vec<u8>, Error> {
    let mut message = vec![LOGIN_VERSION];
    for field in [credentials.user(), credentials.password()] {
        let Ok(length) = u8::try_from(field.len()) else {
            return Err(Error::invalid_input(
                "a SOCKS proxy takes names and passwords of at most 255 bytes",
            ));
        };
        message.push(length);
        message.extend_from_slice(field.as_bytes());
    }
    Ok(message)
}

async fn log_in(stream: &mut dyn Transport, message: &[u8]) -> Result<bool, Error> {
    write(stream, message).await?;
    let [_, status] = read(stream).await?;
    Ok(status == 0)
}

/// Has the proxy connect to the server.
async fn connect(stream: &mut dyn Transport, url: &Endpoint) -> Result<(), Error> {
    let mut request = vec![VERSION, CONNECT, RESERVED];
    match url.host.address() {
        Some(IpAddr::V4(address)) => {
            request.push(IPV4);
            request.extend_from_slice(&address.octets());
        }
        Some(IpAddr::V6(address)) => {
            request.push(IPV6);
            request.extend_from_slice(&address.octets());
        }
        None => {
            let name = url.host.to_proxy();
            let Ok(length) = u8::try_from(name.len()) else {
                return Err(Error::invalid_input(
                    "a SOCKS proxy takes names of at most 255 bytes",
                ));
            };
            request.extend_from_slice(&[NAME, length]);
            request.extend_from_slice(name.as_bytes());
        }
    }
    request.extend_from_slice(&url.port.to_be_bytes());
    write(stream, &request).await?;
    let [version, reply, _, kind] = read(stream).await?;
    if version != VERSION {
        return Err(malformed("it does not speak version 5"));
    }
    if reply != 0 {
        return Err(refused(reply, url));
    }
    // The address that the proxy connects from, which tells us nothing, and its port.
    let length = match kind {
        IPV4 => 4,
        IPV6 => 16,
        NAME => usize::from(read::<1>(stream).await?[0]),
        _ => return Err(malformed("its address is of an unknown kind")),
    };
    let mut rest = [0; 255 + 2];
    stream
        .read_exact(&mut rest[..length + 2])
        .await
        .map_err(io_error)
}

/// The replies of RFC 1928 §6. As over HTTP, the proxy reports that a server is down; an expired
/// TTL is none of our time limits.
fn refused(reply: u8, url: &Endpoint) -> Error {
    let (kind, why) = match reply {
        1 => (ErrorKind::ProxyUnreachable, "it failed"),
        2 => (ErrorKind::ProxyDenied, "not allowed"),
        3 => (ErrorKind::ProxyUnreachable, "the network is unreachable"),
        4 => (ErrorKind::HostNotFound, "the host is unreachable"),
        5 => (ErrorKind::ProxyUnreachable, "the connection was refused"),
        6 => (ErrorKind::ProxyUnreachable, "the server is too far away"),
        7 => (ErrorKind::ProxyProtocol, "it knows no CONNECT"),
        8 => (
            ErrorKind::ProxyProtocol,
            "it does not know this kind of address",
        ),
        _ => (ErrorKind::ProxyProtocol, "its reply is unknown"),
    };
    let text = format!("the proxy does not connect to {}: {why}", url.host.name());
    Error::new(kind, text)
}

fn unknown(text: &'static str) -> Error {
    Error::new(ErrorKind::ProxyAuthentication, text)
}

fn malformed(why: &str) -> Error {
    let text = format!("the proxy does not answer in SOCKS5: {why}");
    Error::new(ErrorKind::ProxyProtocol, text)
}

async fn write(stream: &mut dyn Transport, bytes: &[u8]) -> Result<(), Error> {
    stream.write_all(bytes).await.map_err(io_error)?;
    stream.flush().await.map_err(io_error)
}

async fn read<const N: usize>(stream: &mut dyn Transport) -> Result<[u8; N], Error> {
    let mut bytes = [0; N];
    stream.read_exact(&mut bytes).await.map_err(io_error)?;
    Ok(bytes)
}
