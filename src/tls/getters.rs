//! Getters of a configuration.

use super::config::{ClientCertificates, TlsConfig, TlsLibrary};
use super::error::TlsError;
use super::identity::TlsIdentity;
use super::info::TlsVersion;

/// Getters: the value that was set, or the default; `None` is the library's own. Lists that are
/// built up, such as roots, have no getter.
impl TlsConfig {
    /// See [`library`](Self::library).
    pub fn get_library(&self) -> Option<TlsLibrary> {
        self.library
    }

    /// See [`system_roots`](Self::system_roots).
    pub fn get_system_roots(&self) -> bool {
        self.system_roots
    }

    /// See [`depth`](Self::depth).
    pub fn get_depth(&self) -> Option<u32> {
        self.depth
    }

    /// See [`server_name`](Self::server_name).
    pub fn get_server_name(&self) -> Option<&str> {
        self.server_name.as_deref()
    }

    /// See [`ignore_errors`](Self::ignore_errors).
    pub fn get_ignore_errors(&self) -> &[TlsError] {
        &self.ignored
    }

    /// See [`ask_errors`](Self::ask_errors).
    pub fn get_ask_errors(&self) -> bool {
        self.ask_errors
    }

    /// See [`interrupt_on_error`](Self::interrupt_on_error).
    pub fn get_interrupt_on_error(&self) -> bool {
        self.interrupt
    }

    /// See [`identity`](Self::identity).
    pub fn get_identity(&self) -> Option<&TlsIdentity> {
        self.identity.as_ref()
    }

    /// See [`client_certificates`](Self::client_certificates).
    pub fn get_client_certificates(&self) -> ClientCertificates {
        self.client_certificates
    }

    /// See [`min_version`](Self::min_version).
    pub fn get_min_version(&self) -> TlsVersion {
        self.min_version
    }

    /// See [`max_version`](Self::max_version).
    pub fn get_max_version(&self) -> Option<TlsVersion> {
        self.max_version
    }

    /// See [`ciphers`](Self::ciphers).
    pub fn get_ciphers(&self) -> Option<&str> {
        self.ciphers.as_deref()
    }

    /// See [`cipher_suites`](Self::cipher_suites).
    pub fn get_cipher_suites(&self) -> Option<&str> {
        self.cipher_suites.as_deref()
    }

    /// See [`groups`](Self::groups).
    pub fn get_groups(&self) -> Option<&str> {
        self.groups.as_deref()
    }

    /// See [`alpn`](Self::alpn).
    pub fn get_alpn(&self) -> &[String] {
        &self.alpn
    }

    /// See [`resumption`](Self::resumption).
    pub fn get_resumption(&self) -> bool {
        self.resumption
    }
}
