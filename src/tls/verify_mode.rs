/// How much of a peer's certificate is looked at: Qt's `QSslSocket::PeerVerifyMode`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub(crate) enum VerifyMode {
    #[default]
    Verify,
    Query,
    None,
}
