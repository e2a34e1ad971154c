/// A hint of the platform about the network or the application.
#[allow(dead_code)] // Natively nothing is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Hint {
    Online,
    Offline,
    /// The application is in front again.
    Resumed,
}

impl Hint {
    /// Returns whether there seems to be no network, which seemed so or not before.
    pub(crate) fn seems_offline(self, before: bool) -> bool {
        match self {
            Hint::Online => false,
            Hint::Offline => true,
            Hint::Resumed => before,
        }
    }
}
