use std::fmt;

use crate::platform::{MaybeSend, MaybeSync};

/// Makes the masks of outgoing frames (RFC 6455 §5.3): Qt's `QMaskGenerator`.
///
/// A client masks every frame, so that a page cannot choose the bytes on the wire and confuse
/// proxies (RFC 6455 §10.3). The default generator is unpredictable; a custom one is for tests and
/// for debugging. It is asked once for each frame, and may call the socket. It never makes the key of
/// the opening handshake.
///
/// ```
/// use std::sync::Arc;
/// use qwebsocket::{MaskGenerator, Options};
///
/// #[derive(Debug)]
/// struct Fixed;
///
/// impl MaskGenerator for Fixed {
///     fn next_mask(&self) -> [u8; 4] {
///         [1, 2, 3, 4]
///     }
/// }
///
/// let options = Options::new().mask_generator(Arc::new(Fixed));
/// ```
pub trait MaskGenerator: fmt::Debug + MaybeSend + MaybeSync {
    /// The mask of the next frame, in the order of the bytes on the wire. A mask of zero bytes
    /// still sets the mask bit.
    fn next_mask(&self) -> [u8; 4];
}
