use std::io;

use crate::error::{Error, ErrorKind};
use crate::features::Features;
use crate::platform::native::runtime::NoRuntime;

/// The error of a transport that failed, which may have a word of its own.
pub(crate) fn io_error(error: io::Error) -> Error {
    use io::ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset, UnexpectedEof};

    if let Some(own) = error
        .get_ref()
        .and_then(|inner| inner.downcast_ref::<Error>())
    {
        return own.clone();
    }
    if error.get_ref().is_some_and(|inner| inner.is::<NoRuntime>()) {
        let kind = match NoRuntime::IS_COMPILED_IN {
            true => ErrorKind::WrongState,
            false => ErrorKind::Unsupported(Features::NONE),
        };
        return Error::new(kind, NoRuntime::TEXT);
    }
    let kind = match error.kind() {
        BrokenPipe | ConnectionAborted | ConnectionReset | UnexpectedEof => ErrorKind::RemoteClosed,
        _ => ErrorKind::Connection,
    };
    Error::new(kind, kind.to_string()).with_source(error)
}
