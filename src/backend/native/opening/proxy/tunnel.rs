//! A tunnel by `CONNECT` (RFC 9110 §9.3.6).

use std::time::Duration;

use crate::backend::native::opening::auth::Authenticator;
use crate::backend::native::opening::endpoint::Endpoint;
use crate::backend::native::opening::endpoint::authority;
use crate::backend::native::opening::http1;
use crate::backend::native::timeout::timeout;
use crate::backend::native::transport::Transport;
use crate::error::{Error, ErrorKind};
use crate::response::Response;

/// Opens the tunnel. False if the proxy has to be asked again on a new connection.
pub(crate) async fn open(
    stream: &mut dyn Transport,
    url: &Endpoint,
    login: &mut Authenticator,
    limit: Option<Duration>,
) -> Result<bool, Error> {
    let target = authority(&url.host.to_proxy(), url.port);
    let mut is_first = true;
    loop {
        let mut head = format!("CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n");
        if let Some(authorization) = login.authorization("CONNECT", &target)? {
            head.push_str(&format!("Proxy-Authorization: {authorization}\r\n"));
        }
        head.push_str("\r\n");
        let exchange = async {
            let sent = http1::send(stream, &head).await;
            let answer = http1::receive_after(sent, stream).await?;
            if !answer.is_success() {
                return Ok(Err(answer.finish(stream).await));
            }
            Ok(Ok(answer))
        };
        let answer = timeout(limit, "the proxy took too long", exchange).await;
        let finished = match answer {
            // The server does not speak first, neither in TLS nor in HTTP.
            Ok(Ok(answer)) if !answer.rest.is_empty() => {
                let text = "the proxy sent something behind its answer";
                return Err(Error::new(ErrorKind::ProxyProtocol, text));
            }
            Ok(Ok(_)) => return Ok(true),
            Ok(Err(finished)) => finished,
            Err(error) if !is_first && error.kind() == ErrorKind::RemoteClosed => {
                return Ok(false);
            }
            Err(error) if error.kind() == ErrorKind::Handshake => {
                let text = "the proxy does not answer in HTTP";
                return Err(Error::quoting(ErrorKind::ProxyProtocol, text, error));
            }
            Err(error) => return Err(error),
        };
        if finished.response.status != 407 {
            return Err(refused(finished.response));
        }
        login.respond(&finished.response).await?;
        if !finished.is_reusable {
            return Ok(false);
        }
        is_first = false;
    }
}

fn refused(response: Response) -> Error {
    let kind = match response.status {
        // Tinyproxy's answer to wrong credentials.
        401 => ErrorKind::ProxyAuthentication,
        500..=599 => ErrorKind::ProxyUnreachable,
        400..=499 => ErrorKind::ProxyDenied,
        _ => ErrorKind::ProxyProtocol,
    };
    let text = format!("the proxy answered {} to CONNECT", http1::status(&response));
    Error::new(kind, text).with_response(response)
}
