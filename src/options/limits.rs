use crate::error::Error;
use crate::features::Features;

/// The bytes that a peer may make an accepted socket keep, in each direction: 16 MiB.
pub(crate) const OF_ACCEPTED: usize = 16 << 20;

/// Sizes in bytes of payload that a connection may not exceed. A size equal to its limit passes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use = "limits do nothing until options have them"]
pub struct Limits {
    /// `None` where the application leaves it to the kind of socket.
    incoming_frame: Option<usize>,
    incoming_message: Option<usize>,
    outgoing_frame: usize,
}

impl Limits {
    /// The highest limit of an incoming frame: Qt's `maxIncomingFrameSize()`.
    pub const MAX_INCOMING_FRAME: usize = (1 << 31) - 2;
    /// The highest limit of an incoming message: Qt's `maxIncomingMessageSize()`.
    pub const MAX_INCOMING_MESSAGE: usize = (1 << 31) - 2;
    /// The highest size of an outgoing frame: Qt's `maxOutgoingFrameSize()`.
    pub const MAX_OUTGOING_FRAME: usize = (1 << 31) - 2;

    const OUTGOING_FRAME: usize = 512 * 1024;

    /// The defaults.
    pub fn new() -> Limits {
        Limits::default()
    }

    /// The largest payload of an incoming frame. A larger one is refused at its header with code
    /// 1009 and [`ErrorKind::TooLarge`](crate::ErrorKind::TooLarge); control frames are exempt.
    /// Where frames are [emitted](crate::Options::frames), the limit also applies to the inflated
    /// payload. Default: [`MAX_INCOMING_FRAME`](Self::MAX_INCOMING_FRAME); 16 MiB for a socket that
    /// a server accepts without [`Options::messages`](crate::Options::messages).
    ///
    /// # Platform-specific
    ///
    /// Browsers hide frames: [`Features::INCOMING_FRAME`].
    pub fn incoming_frame(mut self, bytes: usize) -> Limits {
        self.incoming_frame = Some(bytes);
        self
    }

    /// The largest incoming message. A larger one is refused with code 1009 and
    /// [`ErrorKind::TooLarge`](crate::ErrorKind::TooLarge), as early as a frame header shows it.
    /// Default: [`MAX_INCOMING_MESSAGE`](Self::MAX_INCOMING_MESSAGE), as in Qt; 16 MiB for a socket
    /// that a server [accepts](crate::Incoming::accept), whose peers are strangers.
    ///
    /// # Platform-specific
    ///
    /// A browser may not send 1009; the code is 4009 there, and the message is already in memory
    /// when its size is known.
    pub fn incoming_message(mut self, bytes: usize) -> Limits {
        self.incoming_message = Some(bytes);
        self
    }

    /// The largest payload of an outgoing frame, at least 1; longer messages are split into such
    /// frames. Default: 512 KiB, as in Qt.
    ///
    /// # Platform-specific
    ///
    /// Browsers decide by themselves: [`Features::OUTGOING_FRAME`].
    pub fn outgoing_frame(mut self, bytes: usize) -> Limits {
        self.outgoing_frame = bytes;
        self
    }

    /// See [`incoming_frame`](Self::incoming_frame).
    pub fn get_incoming_frame(&self) -> usize {
        self.incoming_frame.unwrap_or(Limits::MAX_INCOMING_FRAME)
    }

    /// See [`incoming_message`](Self::incoming_message).
    pub fn get_incoming_message(&self) -> usize {
        self.incoming_message
            .unwrap_or(Limits::MAX_INCOMING_MESSAGE)
    }

    /// The limits of a socket that a server accepts: bounded where the application left it open. A
    /// frame is no larger than its message, so it has a bound of its own only where messages are
    /// not put together.
    #[allow(dead_code)] // Not every backend has a server's side.
    pub(crate) fn of_accepted(mut self, messages: bool) -> Limits {
        self.incoming_message.get_or_insert(OF_ACCEPTED);
        if !messages {
            self.incoming_frame.get_or_insert(OF_ACCEPTED);
        }
        self
    }

    /// See [`outgoing_frame`](Self::outgoing_frame).
    pub fn get_outgoing_frame(&self) -> usize {
        self.outgoing_frame
    }

    pub(crate) fn check(&self) -> Result<(), Error> {
        let out_of_range = |what: &str| {
            let why = " is out of its range";
            Err(Error::invalid_name("the limit of an ", what, why))
        };
        if self.get_incoming_frame() > Limits::MAX_INCOMING_FRAME {
            return out_of_range("incoming frame");
        }
        if self.get_incoming_message() > Limits::MAX_INCOMING_MESSAGE {
            return out_of_range("incoming message");
        }
        if !(1..=Limits::MAX_OUTGOING_FRAME).contains(&self.outgoing_frame) {
            return out_of_range("outgoing frame");
        }
        Ok(())
    }

    pub(crate) fn required(&self) -> Features {
        let mut required = Features::NONE;
        if self.get_incoming_frame() != Limits::MAX_INCOMING_FRAME {
            required |= Features::INCOMING_FRAME;
        }
        if self.outgoing_frame != Limits::OUTGOING_FRAME {
            required |= Features::OUTGOING_FRAME;
        }
        required
    }
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            incoming_frame: None,
            incoming_message: None,
            outgoing_frame: Limits::OUTGOING_FRAME,
        }
    }
}
