/// A stream of tokio's traits, as [`Socket::upgraded`](crate::Socket::upgraded),
/// [`open_over`](crate::Socket::open_over) and [`accept`](crate::Socket::accept) take one: it is
/// `AsyncRead` and `AsyncWrite` of `futures`. With the crate feature `tokio`.
///
/// # Platform-specific
///
/// In a browser there is no such stream to be taken, and the traits are not implemented.
#[derive(Clone, Copy, Debug, Default)]
pub struct FromTokio<S>(pub S);
