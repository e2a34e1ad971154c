/// Our side of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// Sends the opening handshake, and masks what it sends (RFC 6455 §5.3).
    Client,
    /// Answers the opening handshake.
    Server,
}
