//! `support [--port N]` serves until its standard input ends.

#[cfg(not(target_family = "wasm"))]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    use std::io::{self, Write};

    let mut arguments = std::env::args().skip(1);
    let port: u16 = match (arguments.next().as_deref(), arguments.next()) {
        (None, _) => 0,
        (Some("--port"), Some(port)) => port.parse()?,
        _ => return Err("usage: support [--port N]".into()),
    };

    let server = support::Server::bind(("127.0.0.1", port))?;
    let mut stdout = io::stdout();
    writeln!(stdout, "listening on {}", server.address())?;
    stdout.flush()?;

    io::copy(&mut io::stdin(), &mut io::sink())?;
    Ok(())
}

#[cfg(target_family = "wasm")]
fn main() {}
