//! The context that all connections of a configuration share.

use std::borrow::Cow;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use openssl::error::ErrorStack;
use openssl::pkcs12::Pkcs12;
use openssl::pkey::{PKey, Private};
use openssl::ssl::{
    SslContext, SslContextBuilder, SslMethod, SslMode, SslOptions, SslRef, SslSessionCacheMode,
    SslVerifyMode, SslVersion,
};
use openssl::x509::verify::X509VerifyFlags;
use openssl::x509::{X509, X509Crl};

use super::error::internal;
use super::ffi;
#[cfg(feature = "server")]
use super::server;
use super::sessions::Sessions;
use crate::backend::native::tls::closure;
use crate::backend::native::tls::library::End;
use crate::error::{Error, ErrorKind};
use crate::tls::config::{Root, TlsConfig};
use crate::tls::identity::{IdentityForm, TlsIdentity};
use crate::tls::info::TlsVersion;
use crate::tls::psk::{KeyRequest, KeySource};

/// Verification can be suspended from here on.
const OPENSSL_3: i64 = 0x3000_0000;

/// All ciphers up to TLS 1.2 that authenticate the peer and are not broken.
const CIPHERS: &str = "DEFAULT:!aNULL:!eNULL:!MD5:!3DES:!DES:!RC4:!IDEA:!SEED:!aDSS:!SRP";

/// Ciphers for peers that know nothing newer than TLS 1.1.
const OBSOLETE_CIPHERS: &str = "DEFAULT:!aNULL:!eNULL:!SRP:@SECLEVEL=0";

/// Those that are of no use without a key that both sides have.
const WITHOUT_KEY: &str = ":!PSK";

pub(crate) fn build(
    config: &TlsConfig,
    end: End,
    sessions: &Arc<Sessions>,
) -> Result<SslContext, Error> {
    if openssl::version::number() < OPENSSL_3 {
        let text = format!(
            "OpenSSL 3.0 or later is needed, and this is {}",
            openssl::version::version()
        );
        return Err(Error::new(ErrorKind::Tls, text));
    }
    let method = match end {
        End::Client => SslMethod::tls_client(),
        #[cfg(feature = "server")]
        End::Server => SslMethod::tls_server(),
    };
    let mut context = SslContextBuilder::new(method).map_err(internal)?;
    context.set_options(SslOptions::NO_COMPRESSION);
    context.set_mode(
        SslMode::AUTO_RETRY
            | SslMode::ENABLE_PARTIAL_WRITE
            | SslMode::ACCEPT_MOVING_WRITE_BUFFER
            | SslMode::RELEASE_BUFFERS,
    );
    // One read for a record instead of two.
    context.set_read_ahead(true);
    ffi::watch_alerts(&mut context);
    agree(&mut context, config)?;
    trust(&mut context, config, end)?;
    if let Some(identity) = &config.identity {
        present(&mut context, identity)?;
    }
    if let Some(log) = config.key_log.clone() {
        context.set_keylog_callback(move |ssl, line| {
            catch(ssl, || log.0(line));
        });
    }
    match end {
        End::Client => be_client(&mut context, config, sessions)?,
        #[cfg(feature = "server")]
        End::Server => server::configure(&mut context, config)?,
    }
    Ok(context.build())
}

/// Versions, ciphers and groups.
fn agree(context: &mut SslContextBuilder, config: &TlsConfig) -> Result<(), Error> {
    config.check_versions()?;
    let lowest = Some(version(config.min_version));
    context.set_min_proto_version(lowest).map_err(internal)?;
    let highest = config.max_version.map(version);
    context.set_max_proto_version(highest).map_err(internal)?;
    context
        .set_cipher_list(&ciphers(config))
        .map_err(not("ciphers"))?;
    if let Some(suites) = &config.cipher_suites {
        context
            .set_ciphersuites(suites)
            .map_err(not("cipher suites"))?;
    }
    if let Some(groups) = &config.groups {
        context.set_groups_list(groups).map_err(not("groups"))?;
    }
    config.check_alpn()
}

fn ciphers(config: &TlsConfig) -> Cow<'_, str> {
    if let Some(ciphers) = &config.ciphers {
        return ciphers.into();
    }
    let ciphers = match config.min_version < TlsVersion::Tls1_2 {
        true => OBSOLETE_CIPHERS,
        false => CIPHERS,
    };
    match &config.pre_shared_key {
        Some(_) => ciphers.into(),
        None => (ciphers.to_owned() + WITHOUT_KEY).into(),
    }
}

/// Whose certificates are good.
fn trust(context: &mut SslContextBuilder, config: &TlsConfig, end: End) -> Result<(), Error> {
    if config.system_roots && end == End::Client {
        context.set_default_verify_paths().map_err(internal)?;
    }
    for root in &config.roots {
        let roots = match root {
            Root::Der(bytes) => vec![X509::from_der(bytes).map_err(not("root certificate"))?],
            Root::Pem(source) => {
                X509::stack_from_pem(&source.read()?).map_err(not("root certificate"))?
            }
        };
        if roots.is_empty() {
            return Err(Error::invalid_input("a PEM text holds no certificate"));
        }
        for root in roots {
            if end != End::Client {
                context.add_client_ca(&root).map_err(internal)?;
            }
            context.cert_store_mut().add_cert(root).map_err(internal)?;
        }
    }
    for source in &config.crls {
        let text = source.read()?;
        for list in revocation_lists(&text)? {
            ffi::add_revocation_list(context.cert_store_mut(), &list).map_err(internal)?;
        }
    }
    if !config.crls.is_empty() {
        let flags = X509VerifyFlags::CRL_CHECK;
        context
            .cert_store_mut()
            .set_flags(flags)
            .map_err(internal)?;
    }
    if let Some(depth) = config.depth {
        context.set_verify_depth(depth.min(i32::MAX as u32));
    }
    Ok(())
}

/// All lists of a PEM text.
fn revocation_lists(text: &[u8]) -> Result<Vec<X509Crl>, Error> {
    const BEGIN: &[u8] = b"-----BEGIN X509 CRL-----";
    let begins = text.windows(BEGIN.len()).enumerate();
    let begins = begins.filter(|(_, window)| *window == BEGIN);
    let lists: Result<Vec<_>, _> = begins
        .map(|(at, _)| X509Crl::from_pem(&text[at..]))
        .collect();
    let lists = lists.map_err(not("list of revoked certificates"))?;
    if lists.is_empty() {
        let text = "a PEM text holds no list of revoked certificates";
        return Err(Error::invalid_input(text));
    }
    Ok(lists)
}

/// Sets our certificate and key.
fn present(context: &mut SslContextBuilder, identity: &TlsIdentity) -> Result<(), Error> {
    let (chain, key) = match &identity.form {
        IdentityForm::Pem {
            chain,
            key,
            password,
        } => {
            let chain = X509::stack_from_pem(&chain.read()?).map_err(not("certificate"))?;
            // An empty one keeps OpenSSL from asking at the terminal.
            let password = password.as_deref().unwrap_or_default();
            let key = PKey::private_key_from_pem_passphrase(&key.read()?, password.as_bytes());
            (chain, key.map_err(not("key, or its password"))?)
        }
        IdentityForm::Pkcs12 { file, password } => archive(&file.read()?, password)?,
    };
    let Some((own, others)) = chain.split_first() else {
        return Err(Error::invalid_input("there is no certificate to the key"));
    };
    context.set_certificate(own).map_err(not("certificate"))?;
    for other in others {
        context
            .add_extra_chain_cert(other.clone())
            .map_err(internal)?;
    }
    let unfit = not("key with this certificate");
    context.set_private_key(&key).map_err(unfit)?;
    context
        .check_private_key()
        .map_err(not("key with this certificate"))
}

fn archive(bytes: &[u8], password: &str) -> Result<(Vec<X509>, PKey<Private>), Error> {
    let archive = Pkcs12::from_der(bytes).and_then(|archive| archive.parse2(password));
    let archive = archive.map_err(not("PKCS#12 archive, or its password"))?;
    let Some(key) = archive.pkey else {
        return Err(Error::invalid_input("the PKCS#12 archive holds no key"));
    };
    let mut chain: Vec<_> = archive.cert.into_iter().collect();
    chain.extend(archive.ca.into_iter().flatten());
    Ok((chain, key))
}

fn be_client(
    context: &mut SslContextBuilder,
    config: &TlsConfig,
    sessions: &Arc<Sessions>,
) -> Result<(), Error> {
    context.set_verify(SslVerifyMode::PEER);
    if config.resumption {
        // Those of this library know for which server a session is, and OpenSSL's do not.
        let mode = SslSessionCacheMode::CLIENT | SslSessionCacheMode::NO_INTERNAL;
        context.set_session_cache_mode(mode);
        let sessions = sessions.clone();
        context.set_new_session_callback(move |ssl, session| {
            let Some(extra_data) = ssl.ex_data(ffi::index()) else {
                return;
            };
            // A session that was let pass by a decision is not resumed: the decision is asked for
            // again.
            if let Some(key) = &extra_data.session_key
                && extra_data.is_flawless.load(Ordering::Relaxed)
            {
                sessions.keep(key, session);
            }
        });
    } else {
        context.set_session_cache_mode(SslSessionCacheMode::OFF);
    }
    if let Some(source) = config.pre_shared_key.clone() {
        answer_by_key(context, source);
    }
    Ok(())
}

fn answer_by_key(context: &mut SslContextBuilder, source: KeySource) {
    context.set_psk_client_callback(move |ssl, hint, identity_room, key_room| {
        // The identity ends with NUL.
        let request = KeyRequest {
            hint: hint.filter(|hint| !hint.is_empty()).map(<[u8]>::to_vec),
            max_identity: identity_room.len().saturating_sub(1),
            max_key: key_room.len(),
        };
        let Some(own) = catch(ssl, || source.0(&request)).flatten() else {
            return Ok(0);
        };
        let (identity, key) = (&own.identity, &own.key);
        if identity.len() > request.max_identity
            || identity.contains(&0)
            || key.len() > request.max_key
        {
            return Ok(0);
        }
        identity_room[..identity.len()].copy_from_slice(identity);
        identity_room[identity.len()] = 0;
        key_room[..key.len()].copy_from_slice(key);
        if let Some(extra_data) = ssl.ex_data(ffi::index()) {
            extra_data.offered_key.store(true, Ordering::Relaxed);
        }
        Ok(key.len())
    });
}

/// Calls a closure of the application; the connection learns that it panicked.
fn catch<T>(ssl: &SslRef, call: impl FnOnce() -> T) -> Option<T> {
    let result = closure::catch(call);
    if result.is_none()
        && let Some(extra_data) = ssl.ex_data(ffi::index())
    {
        extra_data.has_panicked.store(true, Ordering::Relaxed);
    }
    result
}

/// Protocols as RFC 7301 §3.1 writes them.
pub(crate) fn wire_form(protocols: &[String]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for protocol in protocols {
        bytes.push(protocol.len() as u8);
        bytes.extend_from_slice(protocol.as_bytes());
    }
    bytes
}

fn version(version: TlsVersion) -> SslVersion {
    match version {
        TlsVersion::Tls1_0 => SslVersion::TLS1,
        TlsVersion::Tls1_1 => SslVersion::TLS1_1,
        TlsVersion::Tls1_2 => SslVersion::TLS1_2,
        TlsVersion::Tls1_3 => SslVersion::TLS1_3,
    }
}

/// OpenSSL does not take this.
fn not(what: &'static str) -> impl Fn(ErrorStack) -> Error {
    move |error| {
        let text = format!("OpenSSL does not take this {what}");
        Error::quoting(ErrorKind::InvalidInput, &text, error)
    }
}
