//! Longer texts.

pub mod tungstenite {
    #![doc = include_str!("docs/tungstenite.md")]
}

pub mod qt {
    #![doc = include_str!("docs/qt.md")]
}
