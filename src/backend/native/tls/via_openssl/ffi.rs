//! Functions that the `openssl` crate lacks: all unsafe code of TLS.
#![allow(unsafe_code)]

use std::ffi::{c_int, c_long};
use std::ptr;
use std::sync::LazyLock;

use foreign_types::ForeignTypeRef;
use openssl::error::ErrorStack;
use openssl::ex_data::Index;
use openssl::ssl::{Ssl, SslContextBuilder, SslRef, SslSessionRef};
use openssl::x509::store::X509StoreBuilderRef;
use openssl::x509::{X509CrlRef, X509StoreContext, X509StoreContextRef};
use openssl_sys as sys;

use super::extra_data::ExtraData;
use crate::event::Event;
use crate::tls::alert::{Alert, AlertKind, AlertLevel};

/// The code of a handshake that [`suspend`] has suspended: `SSL_ERROR_WANT_RETRY_VERIFY`.
pub(crate) const SUSPENDED: c_int = 12;

const SSL_CTRL_SET_RETRY_VERIFY: c_int = 136;
const SSL_CB_WRITE: c_int = 0x08;
const SSL_CB_ALERT: c_int = 0x4000;

type InfoCallback = extern "C" fn(ssl: *const sys::SSL, kind: c_int, value: c_int);

unsafe extern "C" {
    fn SSL_CTX_set_info_callback(context: *mut sys::SSL_CTX, callback: Option<InfoCallback>);
    fn SSL_in_init(ssl: *const sys::SSL) -> c_int;
    fn SSL_renegotiate_pending(ssl: *const sys::SSL) -> c_int;
    fn X509_STORE_add_crl(store: *mut sys::X509_STORE, crl: *mut sys::X509_CRL) -> c_int;
}

/// Where an `Ssl` keeps its [`ExtraData`].
pub(crate) fn index() -> Index<Ssl, ExtraData> {
    static INDEX: LazyLock<Index<Ssl, ExtraData>> =
        LazyLock::new(|| Ssl::new_ex_index().expect("there is memory for an index"));
    *INDEX
}

/// Reports each alert of later connections.
pub(crate) fn watch_alerts(context: &mut SslContextBuilder) {
    // SAFETY: the context lives, and the callback is a function that stays.
    unsafe { SSL_CTX_set_info_callback(context.as_ptr(), Some(hear)) }
}

extern "C" fn hear(ssl: *const sys::SSL, kind: c_int, value: c_int) {
    if kind & SSL_CB_ALERT == 0 || ssl.is_null() {
        return;
    }
    // SAFETY: OpenSSL calls back with a connection that lives for the call, on the thread that
    // drives it; only its extra data is read.
    let ssl = unsafe { SslRef::from_ptr(ssl.cast_mut()) };
    let Some(extra_data) = ssl.ex_data(index()) else {
        return;
    };
    // The level is in the upper byte, the description in the lower (SSL_CTX_set_info_callback(3)).
    let alert = Alert {
        level: match value >> 8 {
            1 => AlertLevel::Warning,
            _ => AlertLevel::Fatal,
        },
        kind: AlertKind::new((value & 0xff) as u8),
    };
    let (event, fatal) = match kind & SSL_CB_WRITE {
        0 => (Event::AlertReceived(alert), &extra_data.alert_received),
        _ => (Event::AlertSent(alert), &extra_data.alert_sent),
    };
    extra_data.sink.tell(event);
    if alert.level == AlertLevel::Fatal {
        let _ = fatal.set(alert);
    }
}

/// Returns whether a handshake is under way, or a renegotiation begins as soon as what was received
/// is read.
pub(crate) fn is_in_handshake(ssl: &SslRef) -> bool {
    // SAFETY: the connection lives, and only its state is read.
    unsafe { SSL_in_init(ssl.as_ptr()) != 0 || SSL_renegotiate_pending(ssl.as_ptr()) != 0 }
}

/// Suspends the handshake whose certificates are being verified, once they have been; the same
/// verification begins again when it goes on. False where that is impossible.
pub(crate) fn suspend(context: &X509StoreContextRef) -> bool {
    let Some(ssl) = ssl_of(context) else {
        return false;
    };
    // SAFETY: the connection lives; this is `SSL_set_retry_verify(3)`, a macro in C, which sets a
    // flag.
    let set: c_long =
        unsafe { sys::SSL_ctrl(ssl.as_ptr(), SSL_CTRL_SET_RETRY_VERIFY, 0, ptr::null_mut()) };
    set > 0
}

/// The connection whose certificates are being verified.
pub(crate) fn ssl_of(context: &X509StoreContextRef) -> Option<&SslRef> {
    context.ex_data(X509StoreContext::ssl_idx().ok()?)
}

/// Offers a session that was made by the same context, which the caller sees to.
pub(crate) fn resume(ssl: &mut SslRef, session: &SslSessionRef) -> Result<(), ErrorStack> {
    // SAFETY: both are of one context, since each context has a store of sessions to itself.
    unsafe { ssl.set_session(session) }
}

/// Adds a list of revoked certificates.
pub(crate) fn add_revocation_list(
    store: &mut X509StoreBuilderRef,
    list: &X509CrlRef,
) -> Result<(), ErrorStack> {
    // SAFETY: both live; the store takes a reference of its own to the list.
    match unsafe { X509_STORE_add_crl(store.as_ptr(), list.as_ptr()) } {
        1 => Ok(()),
        _ => Err(ErrorStack::get()),
    }
}
