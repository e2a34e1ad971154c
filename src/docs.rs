//! Longer texts.

pub mod byte_streams {
    #![doc = include_str!("docs/byte_streams.md")]
}

pub mod typed_messages {
    #![doc = include_str!("docs/typed_messages.md")]
}

pub mod many_machines {
    #![doc = include_str!("docs/many_machines.md")]
}

pub mod in_a_browser {
    #![doc = include_str!("docs/in_a_browser.md")]
}

pub mod tungstenite {
    #![doc = include_str!("docs/tungstenite.md")]
}

pub mod testing {
    #![doc = include_str!("docs/testing.md")]
}

pub mod qt {
    #![doc = include_str!("docs/qt.md")]
}
