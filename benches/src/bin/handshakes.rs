//! What a TLS handshake costs: connections one after the other, with and without resumption, against
//! async-tungstenite with async-native-tls. All take turns in each round, on one core; the server
//! has another.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, bail};
use async_std::net::TcpStream;
use async_std::task;
use futures::StreamExt;
use qwebsocket::{Listener, Options, Socket, TlsConfig, TlsIdentity, TlsLibrary, WebSocketExt};
use qwebsocket_benches::machine::{self, Cost, Side, Stopwatch};
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};

const HELP: &str = "handshakes [<rounds>]   of 200 connections each; 5 by default";

const CONNECTIONS: usize = 200;
const ROUNDS: usize = 5;

/// What the others are compared with.
const DIRECT: &str = "async-tungstenite, async-native-tls";

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match &arguments[..] {
        [role, chain, key] if role == "serve" => task::block_on(serve(chain, key)),
        [] => compare(ROUNDS),
        [rounds] => compare(rounds.parse().context(HELP)?),
        _ => bail!(HELP),
    }
}

/// Accepts for ever.
async fn serve(chain: &str, key: &str) -> Result<()> {
    machine::pin(Side::Server);
    let tls = TlsConfig::new().identity(TlsIdentity::pem(chain, key));
    let mut listener = Listener::bind_with("127.0.0.1:0", Options::new().tls(tls)).await?;
    println!("{}", listener.local_address().port());
    while let Some(accepting) = listener.next().await {
        task::spawn(async move {
            let socket = accepting?.await?.accept(None).await?;
            while socket.next_event().await.is_some() {}
            Ok::<(), qwebsocket::Error>(())
        });
    }
    Ok(())
}

fn compare(rounds: usize) -> Result<()> {
    let authority = Authority::new()?;
    let (mut server, port) = start_server(&authority)?;
    machine::pin(Side::Client);
    let measured = measure(rounds, &authority.root, port);
    // It may have ended by itself.
    let _ = server.kill();
    let _ = server.wait();
    show(&measured?);
    Ok(())
}

fn measure(rounds: usize, root: &str, port: u16) -> Result<Vec<(String, Vec<Cost>)>> {
    let mut measured: Vec<(String, Vec<Cost>)> = Vec::new();
    let ours = [
        ("qwebsocket, native-tls", TlsLibrary::NativeTls, false),
        ("qwebsocket, OpenSSL", TlsLibrary::OpenSsl, false),
        ("qwebsocket, OpenSSL, resumed", TlsLibrary::OpenSsl, true),
    ];
    for system_roots in [false, true] {
        let label = |name: &str| match system_roots {
            true => format!("{name}, with the system's roots"),
            false => name.to_owned(),
        };
        let built = ours.map(|(name, library, resumption)| {
            let tls = TlsConfig::new().library(library).system_roots(system_roots);
            let options = Options::new().tls(tls.root_pem(root).resumption(resumption));
            (label(name), options.build())
        });
        for round in 0..rounds {
            let mut note = |name: &str, cost: Cost| {
                match measured.iter_mut().find(|(known, _)| known == name) {
                    Some((_, costs)) => costs.push(cost),
                    None => measured.push((name.to_owned(), vec![cost])),
                }
                eprintln!("round {round}: {name}: {:?}", cost.elapsed);
            };
            note(
                &label(DIRECT),
                task::block_on(directly(root, system_roots, port))?,
            );
            for (name, options) in &built {
                let options = options.as_ref().map_err(Clone::clone)?;
                note(name, task::block_on(by_us(options, port))?);
            }
        }
    }
    Ok(measured)
}

async fn directly(root: &str, system_roots: bool, port: u16) -> Result<Cost> {
    let watch = Stopwatch::start();
    for _ in 0..CONNECTIONS {
        let mut builder = native_tls::TlsConnector::builder();
        builder
            .add_root_certificate(native_tls::Certificate::from_pem(root.as_bytes())?)
            .disable_built_in_roots(!system_roots);
        let connector = async_native_tls::TlsConnector::from(builder);
        let tcp = TcpStream::connect(("127.0.0.1", port)).await?;
        tcp.set_nodelay(true)?;
        let tls = connector.connect("localhost", tcp).await?;
        let url = format!("wss://localhost:{port}/");
        let (socket, _) = async_tungstenite::client_async(url, tls).await?;
        drop(socket);
    }
    Ok(watch.stop())
}

async fn by_us(options: &Options, port: u16) -> Result<Cost> {
    let watch = Stopwatch::start();
    for _ in 0..CONNECTIONS {
        let url = format!("wss://localhost:{port}/");
        drop(Socket::connect_with(url, options.clone()).await?);
    }
    Ok(watch.stop())
}

struct Authority {
    root: String,
    chain: String,
    key: String,
}

impl Authority {
    fn new() -> Result<Authority> {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        // Certificate and issuer of one name would be taken for self-signed.
        let name = &mut params.distinguished_name;
        name.push(DnType::CommonName, "authority of the benches");
        let root_key = KeyPair::generate()?;
        let root = params.self_signed(&root_key)?.pem();
        let key = KeyPair::generate()?;
        let issuer = Issuer::new(params, root_key);
        let chain = CertificateParams::new(["localhost".to_owned()])?.signed_by(&key, &issuer)?;
        Ok(Authority {
            root,
            chain: chain.pem(),
            key: key.serialize_pem(),
        })
    }
}

fn start_server(authority: &Authority) -> Result<(Child, u16)> {
    let mut command = Command::new(std::env::current_exe()?);
    command.args(["serve", &authority.chain, &authority.key]);
    let mut server = command.stdout(Stdio::piped()).spawn()?;
    let mut port = String::new();
    let stdout = server.stdout.take().context("the server tells its port")?;
    BufReader::new(stdout).read_line(&mut port)?;
    Ok((server, port.trim().parse()?))
}

/// Medians for one connection, and their ratio to those of [`DIRECT`] with the same roots.
fn show(measured: &[(String, Vec<Cost>)]) {
    println!("{:<70} {:>9} {:>9} {:>6}", "", "µs", "µs of CPU", "ratio");
    let mut direct = 0.0;
    for (name, costs) in measured {
        let micros = |of: fn(&Cost) -> f64| median(costs.iter().map(of)) / CONNECTIONS as f64 * 1e6;
        let elapsed = micros(|cost| cost.elapsed.as_secs_f64());
        let cpu = micros(|cost| cost.cpu.as_secs_f64());
        if name.starts_with(DIRECT) {
            direct = elapsed;
        }
        println!(
            "{name:<70} {elapsed:>9.0} {cpu:>9.0} {:>6.2}",
            elapsed / direct
        );
    }
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<_> = values.collect();
    values.sort_unstable_by(f64::total_cmp);
    values[values.len() / 2]
}
