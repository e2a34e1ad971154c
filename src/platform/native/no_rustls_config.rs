//! Without rustls nobody has a configuration of it.

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum RustlsConfig {}

impl RustlsConfig {
    pub(crate) fn anonymous(&self) -> RustlsConfig {
        match *self {}
    }
}
