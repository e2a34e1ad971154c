use std::error::Error as StdError;
use std::fmt;
use std::io;

/// No runtime is here that could connect, wait or listen.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NoRuntime;

impl NoRuntime {
    /// Whether one is compiled in, which is then tokio: it is elsewhere.
    pub(crate) const IS_COMPILED_IN: bool = cfg!(feature = "tokio");

    /// Says how to get one.
    pub(crate) const TEXT: &str = if NoRuntime::IS_COMPILED_IN {
        "no runtime is here: poll inside a tokio runtime that has its drivers for I/O and time \
         (`Builder::enable_all`), or add one of qwebsocket's features `smol` and `async-std`"
    } else {
        "no runtime is compiled in: add one of qwebsocket's features `async-std`, `smol` and `tokio`"
    };
}

impl fmt::Display for NoRuntime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(NoRuntime::TEXT)
    }
}

impl StdError for NoRuntime {}

impl From<NoRuntime> for io::Error {
    fn from(error: NoRuntime) -> io::Error {
        io::Error::new(io::ErrorKind::Unsupported, error)
    }
}
