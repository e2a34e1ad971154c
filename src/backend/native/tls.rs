//! TLS under a connection, by the library that is compiled in.

#[cfg(feature = "native-tls")]
#[path = "tls/native_tls.rs"]
mod imp;

pub(super) use imp::{FEATURES, check, connect};

#[cfg(not(feature = "native-tls"))]
mod imp {
    use crate::backend::native::wire::Transport;
    use crate::{Error, ErrorKind, Features, TlsConfig};

    pub(in super::super) const FEATURES: Features = Features::NONE;

    pub(in super::super) fn check(_: &TlsConfig) -> Result<(), Error> {
        Ok(())
    }

    pub(in super::super) async fn connect(
        _: Box<dyn Transport>,
        _: &str,
        _: &TlsConfig,
    ) -> Result<Box<dyn Transport>, Error> {
        Err(Error::new(
            ErrorKind::Tls,
            "wss needs a TLS library: the feature `native-tls`",
        ))
    }
}
