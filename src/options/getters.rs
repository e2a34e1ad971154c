//! Getters of the options.

use std::any::Any;
use std::mem;
use std::sync::Arc;

use super::Options;
use super::limits::Limits;
use super::timeouts::Timeouts;
use crate::auth::Credentials;
use crate::compression::Compression;
use crate::error::Error;
use crate::features::Features;
use crate::keep_alive::KeepAlive;
use crate::mask::MaskGenerator;
use crate::proxy::Proxy;
use crate::tls::TlsConfig;

/// Getters: the value that was set, or the default. Those of a socket are in force:
/// [`WebSocket::options`](crate::WebSocket::options).
impl Options {
    /// See [`limits`](Self::limits).
    pub fn get_limits(&self) -> Limits {
        self.0.limits
    }

    /// See [`timeouts`](Self::timeouts).
    pub fn get_timeouts(&self) -> Timeouts {
        self.0.timeouts
    }

    /// See [`frames`](Self::frames).
    pub fn get_frames(&self) -> bool {
        self.0.frames
    }

    /// See [`messages`](Self::messages).
    pub fn get_messages(&self) -> bool {
        self.0.messages
    }

    /// See [`read_buffer_size`](Self::read_buffer_size).
    pub fn get_read_buffer_size(&self) -> Option<usize> {
        self.0.read_buffer_size
    }

    /// See [`receive_queue`](Self::receive_queue).
    pub fn get_receive_queue(&self) -> Option<usize> {
        self.0.receive_queue
    }

    /// See [`write_queue`](Self::write_queue).
    pub fn get_write_queue(&self) -> Option<usize> {
        self.0.write_queue
    }

    /// See [`read_while_flushing`](Self::read_while_flushing).
    pub fn get_read_while_flushing(&self) -> usize {
        self.0.read_while_flushing
    }

    /// See [`mask_generator`](Self::mask_generator); `None` is the default one.
    pub fn get_mask_generator(&self) -> Option<&Arc<dyn MaskGenerator>> {
        self.0.mask_generator.as_ref()
    }

    /// See [`compression`](Self::compression).
    pub fn get_compression(&self) -> Option<&Compression> {
        self.0.compression.as_ref()
    }

    /// See [`keep_alive`](Self::keep_alive).
    pub fn get_keep_alive(&self) -> Option<&KeepAlive> {
        self.0.keep_alive.as_ref()
    }

    /// See [`tls`](Self::tls).
    pub fn get_tls(&self) -> &TlsConfig {
        &self.0.tls
    }

    /// See [`credentials`](Self::credentials).
    pub fn get_credentials(&self) -> Option<&Credentials> {
        self.0.credentials.as_ref()
    }

    /// See [`ask_credentials`](Self::ask_credentials).
    pub fn get_ask_credentials(&self) -> bool {
        self.0.ask_credentials
    }

    /// See [`proxy`](Self::proxy).
    pub fn get_proxy(&self) -> Option<&Proxy> {
        self.0.proxy.as_ref()
    }

    /// See [`redirects`](Self::redirects).
    pub fn get_redirects(&self) -> u32 {
        self.0.redirects
    }

    /// See [`best_effort`](Self::best_effort).
    pub fn get_best_effort(&self) -> Features {
        self.0.best_effort
    }
}

/// For the backends.
impl Options {
    /// The backend's preparation of these options.
    pub(crate) fn prepared(&self) -> Option<&Arc<dyn Any + Send + Sync>> {
        self.0.prepared.as_ref()
    }

    pub(crate) fn set_prepared(&mut self, prepared: Option<Arc<dyn Any + Send + Sync>>) {
        self.change(|settings| settings.prepared = prepared);
    }

    #[allow(dead_code)] // As below.
    pub(crate) fn set_limits(&mut self, limits: Limits) {
        self.change(|settings| settings.limits = limits);
    }

    #[allow(dead_code)] // Not every backend has one.
    pub(crate) fn set_read_buffer_size(&mut self, bytes: Option<usize>) {
        self.change(|settings| settings.read_buffer_size = bytes);
    }

    /// Gives the old one back, which is the application's to drop.
    #[allow(dead_code)] // As above.
    pub(crate) fn set_mask_generator(
        &mut self,
        generator: Option<Arc<dyn MaskGenerator>>,
    ) -> Option<Arc<dyn MaskGenerator>> {
        self.change(|settings| mem::replace(&mut settings.mask_generator, generator))
    }

    pub(crate) fn check_missing(&self, missing: Features) -> Result<(), Error> {
        let missing = missing.difference(self.0.best_effort);
        if missing.is_empty() {
            Ok(())
        } else {
            Err(Error::unsupported(missing))
        }
    }

    pub(crate) fn required(&self) -> Features {
        let mut required = self.0.limits.required() | self.0.tls.required();
        if let Some(keep_alive) = &self.0.keep_alive {
            required |= keep_alive.required();
        }
        for (needed, feature) in [
            (self.0.frames || !self.0.messages, Features::FRAMES),
            (self.0.compression.is_some(), Features::COMPRESSION),
            (self.0.read_buffer_size.is_some(), Features::READ_BUFFER),
            (self.0.mask_generator.is_some(), Features::MASKS),
            (
                self.0.credentials.is_some() || self.0.ask_credentials,
                Features::AUTHENTICATION,
            ),
            (self.0.proxy.is_some(), Features::PROXY),
            (self.0.redirects > 0, Features::REDIRECTS),
        ] {
            if needed {
                required |= feature;
            }
        }
        required
    }
}
