//! The server of all, in a process of its own, and the authority that its certificate is by.

use std::process::Command;

use anyhow::Result;
use futures::StreamExt;
use qwebsocket::{Listener, Options, TlsConfig, TlsIdentity, TlsLibrary, WebSocketExt};
use qwebsocket_benches::machine;
use qwebsocket_benches::servers::Running;
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};

/// Accepts for ever, and tells its port first.
pub(crate) async fn serve(chain: &str, key: &str) -> Result<()> {
    machine::raise_file_limit()?;
    let tls = TlsConfig::new()
        .library(TlsLibrary::OpenSsl)
        .identity(TlsIdentity::pem(chain, key));
    let mut listener = Listener::bind_with("127.0.0.1:0", Options::new().tls(tls)).await?;
    println!("{}", listener.local_address().port());
    while let Some(accepting) = listener.next().await {
        tokio::spawn(async move {
            let socket = accepting?.await?.accept(None).await?;
            while socket.next_event().await.is_some() {}
            Ok::<(), qwebsocket::Error>(())
        });
    }
    Ok(())
}

pub(crate) struct Authority {
    /// As PEM.
    pub(crate) root: String,
    chain: String,
    key: String,
}

impl Authority {
    pub(crate) fn new() -> Result<Authority> {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        // Certificate and issuer of one name would be taken for self-signed.
        let name = &mut params.distinguished_name;
        name.push(DnType::CommonName, "authority of the benches");
        let root_key = KeyPair::generate()?;
        let root = params.self_signed(&root_key)?.pem();
        let key = KeyPair::generate()?;
        let issuer = Issuer::new(params, root_key);
        let chain = CertificateParams::new(["127.0.0.1".to_owned()])?.signed_by(&key, &issuer)?;
        Ok(Authority {
            root,
            chain: chain.pem(),
            key: key.serialize_pem(),
        })
    }

    pub(crate) fn start_server(&self) -> Result<Running> {
        let mut command = Command::new(std::env::current_exe()?);
        Running::start(command.args(["serve", &self.chain, &self.key]))
    }
}
