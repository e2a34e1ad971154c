//! The names that most programs need, in one import.
//!
//! ```
//! use qwebsocket::prelude::*;
//! ```

pub use crate::backend::Socket;
pub use crate::close::{Close, CloseCode};
pub use crate::event::Event;
pub use crate::message::Message;
pub use crate::socket::WebSocket;
pub use crate::socket::ext::WebSocketExt;
