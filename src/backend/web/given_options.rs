//! The options that an application has given, or none. They lie behind a pointer, so that a program
//! that gives none does not load their code.

use std::any::Any;
use std::rc::Rc;
use std::time::Duration;

use super::keep_alive::{self, Watch, Watched};
use super::raw_socket::Bounds;
use crate::error::Error;
use crate::features::Features;
use crate::options::Options;
use crate::options::limits::Limits;
use crate::options::timeouts::Timeouts;

pub(crate) trait GivenOptions<C>: Bounds<C> + Any {
    /// Checks that the application does without these features, of which a browser has none.
    fn check_missing(&self, missing: Features) -> Result<(), Error>;
}

impl<C: Watched> GivenOptions<C> for Options {
    fn check_missing(&self, missing: Features) -> Result<(), Error> {
        self.check_missing(missing)
    }
}

impl<C: Watched> Bounds<C> for Options {
    fn open_limit(&self) -> f64 {
        opening(self.get_timeouts())
    }

    fn close_limit(&self) -> f64 {
        ms(self.get_timeouts().get_close())
    }

    fn incoming_message(&self) -> usize {
        self.get_limits().get_incoming_message()
    }

    fn receive_queue(&self) -> Option<usize> {
        self.get_receive_queue()
    }

    fn write_queue(&self) -> Option<usize> {
        self.get_write_queue()
    }

    fn keep_alive(&self) -> Option<Rc<dyn Watch<C>>> {
        keep_alive::watch(self.get_keep_alive()?)
    }
}

/// The values of [`Options::new`].
pub(crate) struct Defaults;

impl<C: Watched> GivenOptions<C> for Defaults {
    fn check_missing(&self, missing: Features) -> Result<(), Error> {
        match missing.is_empty() {
            true => Ok(()),
            false => Err(Error::unsupported(missing)),
        }
    }
}

impl<C: Watched> Bounds<C> for Defaults {
    fn open_limit(&self) -> f64 {
        opening(Timeouts::new())
    }

    fn close_limit(&self) -> f64 {
        ms(Timeouts::new().get_close())
    }

    fn incoming_message(&self) -> usize {
        Limits::new().get_incoming_message()
    }

    fn receive_queue(&self) -> Option<usize> {
        None
    }

    fn write_queue(&self) -> Option<usize> {
        None
    }

    fn keep_alive(&self) -> Option<Rc<dyn Watch<C>>> {
        None
    }
}

/// A browser does not distinguish the steps of the opening handshake.
fn opening(timeouts: Timeouts) -> f64 {
    ms(timeouts.get_resolve())
        + ms(timeouts.get_connect())
        + ms(timeouts.get_tls())
        + ms(timeouts.get_handshake())
}

fn ms(limit: Option<Duration>) -> f64 {
    limit.map_or(f64::INFINITY, |limit| limit.as_secs_f64() * 1000.0)
}
