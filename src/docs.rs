//! Longer texts.

pub mod qt {
    #![doc = include_str!("docs/qt.md")]
}
