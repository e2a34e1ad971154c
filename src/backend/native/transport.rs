use futures::{AsyncRead, AsyncWrite};

pub(crate) use crate::role::Role;

/// The transport of a connection: TCP, TLS, or the application's own stream.
pub(crate) trait Transport: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Transport for T {}
