/// The extent to which a peer's certificate is verified: Qt's `QSslSocket::PeerVerifyMode`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub(crate) enum VerifyMode {
    #[default]
    Verify,
    Query,
    None,
}
