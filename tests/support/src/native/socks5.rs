//! The SOCKS5 proxy of a script (RFC 1928, RFC 1929).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::ops::ControlFlow::{self, Break, Continue};

use crate::native::connection::Connection;
use crate::record::Entry;
use crate::socks5::Socks5;

const NO_LOGIN: u8 = 0;
const PASSWORD: u8 = 2;
const NONE_ACCEPTABLE: u8 = 0xff;

/// Answers up to the reply. A refusal is the end.
pub(crate) fn socks5(connection: &mut Connection, socks5: &Socks5) -> ControlFlow<()> {
    match let_through(connection, socks5) {
        Some(true) => Continue(()),
        Some(false) => {
            connection.finish();
            Break(())
        }
        None => Break(()),
    }
}

/// Whether the client is let through; `None` if it is gone.
fn let_through(connection: &mut Connection, socks5: &Socks5) -> Option<bool> {
    let [_version, count] = read(connection)?;
    let methods = connection.read_exact(count.into())?;
    let words: Vec<_> = methods.iter().map(u8::to_string).collect();
    record(connection, format!("methods {}", words.join(" ")));
    let wanted = match socks5.login {
        Some(_) => PASSWORD,
        None => NO_LOGIN,
    };
    if !methods.contains(&wanted) {
        write(connection, &[5, NONE_ACCEPTABLE])?;
        return Some(false);
    }
    write(connection, &[5, wanted])?;
    if let Some(expected) = &socks5.login {
        let [_version] = read(connection)?;
        let login = [text(connection)?, text(connection)?];
        record(connection, format!("login {}", login.join(" ")));
        let is_right = login == *expected;
        write(connection, &[1, u8::from(!is_right)])?;
        if !is_right {
            return Some(false);
        }
    }
    let [_version, _command, _reserved, kind] = read(connection)?;
    let host = match kind {
        1 => format!("address {}", Ipv4Addr::from(read::<4>(connection)?)),
        4 => format!("address [{}]", Ipv6Addr::from(read::<16>(connection)?)),
        _ => format!("name {}", text(connection)?),
    };
    let port = u16::from_be_bytes(read(connection)?);
    record(connection, format!("connect {host}:{port}"));
    write(connection, &reply(socks5))?;
    Some(socks5.reply == 0)
}

fn reply(socks5: &Socks5) -> Vec<u8> {
    let bound = match socks5.bound.parse() {
        Ok(IpAddr::V4(address)) => [&[1][..], &address.octets()].concat(),
        Ok(IpAddr::V6(address)) => [&[4][..], &address.octets()].concat(),
        Err(_) if socks5.bound.is_empty() => vec![1, 0, 0, 0, 0],
        Err(_) => [&[3, socks5.bound.len() as u8], socks5.bound.as_bytes()].concat(),
    };
    [&[5, socks5.reply, 0][..], &bound, &[0, 0]].concat()
}

fn record(connection: &Connection, message: String) {
    connection.record(Entry::Socks5(message));
}

fn read<const N: usize>(connection: &mut Connection) -> Option<[u8; N]> {
    connection.read_exact(N)?.try_into().ok()
}

/// A text behind its length.
fn text(connection: &mut Connection) -> Option<String> {
    let [length] = read(connection)?;
    let bytes = connection.read_exact(length.into())?;
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

fn write(connection: &mut Connection, bytes: &[u8]) -> Option<()> {
    connection.write(bytes).ok()
}
