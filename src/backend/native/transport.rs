use futures::{AsyncRead, AsyncWrite};

pub(crate) use crate::role::Role;

/// What a connection runs over: TCP, TLS, or the application's own stream.
pub(crate) trait Transport: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Transport for T {}
