//! TLS by `native-tls`: the platform's own library.

use native_tls::{Certificate, Protocol, TlsConnector};

use crate::backend::native::link::io_error;
use crate::backend::native::runtime::TcpStream;
use crate::backend::native::wire::Transport;
use crate::tls::Certificate as Pending;
use crate::{Error, ErrorKind, Features, TlsConfig};

pub(in super::super) const FEATURES: Features = Features::TLS_CONFIG;

/// Does the TLS handshake with the host of this name.
pub(in super::super) async fn connect(
    tcp: TcpStream,
    host: &str,
    config: &TlsConfig,
) -> Result<Box<dyn Transport>, Error> {
    let connector = async_native_tls::TlsConnector::from(builder(config)?);
    match connector.connect(host, tcp).await {
        Ok(stream) => Ok(Box::new(stream)),
        Err(error) => Err(failed(error)),
    }
}

fn builder(config: &TlsConfig) -> Result<native_tls::TlsConnectorBuilder, Error> {
    let mut builder = TlsConnector::builder();
    builder
        .min_protocol_version(Some(Protocol::Tlsv12))
        .disable_built_in_roots(!config.system_roots);
    for root in &config.roots {
        let root = match root {
            Pending::Pem(bytes) => Certificate::from_pem(bytes),
            Pending::Der(bytes) => Certificate::from_der(bytes),
        };
        builder.add_root_certificate(root.map_err(|error| {
            Error::invalid_input("a root certificate is malformed").with_source(error)
        })?);
    }
    Ok(builder)
}

/// Tells a connection that broke from a handshake that failed.
fn failed(error: native_tls::Error) -> Error {
    let mut cause = std::error::Error::source(&error);
    while let Some(source) = cause {
        if let Some(io) = source.downcast_ref::<std::io::Error>() {
            return io_error(std::io::Error::new(io.kind(), io.to_string()));
        }
        cause = source.source();
    }
    Error::new(ErrorKind::Tls, format!("TLS handshake failed: {error}")).with_source(error)
}
