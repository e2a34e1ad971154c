/// What the platform says of the network and of the application.
#[allow(dead_code)] // Natively nothing is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Hint {
    Online,
    Offline,
    /// The application is in front again.
    Resumed,
}
