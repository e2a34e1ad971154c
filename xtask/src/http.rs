//! A static web server for the loopback interface, in as little as that takes: a crate for it
//! would be most of what xtask compiles.

use std::fs;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result};

const FIRST_PORT: u16 = 8080;
const LONGEST_BODY: u64 = 64 * 1024;
const LONGEST_HEAD: u64 = 64 * 1024;
const PATIENCE: Duration = Duration::from_secs(10);
/// A page that shares its process with no other site gets a clock that can measure round trips.
const ISOLATION: &str = "Cross-Origin-Opener-Policy: same-origin\r\n\
                         Cross-Origin-Embedder-Policy: require-corp\r\n";

/// What is served: the first directory that has a file wins.
pub struct Site {
    pub dirs: Vec<PathBuf>,
    /// A path to which pages may POST text, and what is done with it before the answer.
    pub inbox: Option<(&'static str, Receives)>,
}

pub type Receives = Box<dyn Fn(String) -> Result<()> + Send + Sync>;

struct Response {
    status: &'static str,
    kind: &'static str,
    body: Vec<u8>,
}

/// The port asked for, or the first free one from 8080 on.
pub fn listen(port: Option<u16>) -> Result<TcpListener> {
    let bind = |port| TcpListener::bind((Ipv4Addr::LOCALHOST, port));
    match port {
        Some(port) => bind(port).with_context(|| format!("port {port} cannot be had")),
        None => (FIRST_PORT..FIRST_PORT + 100)
            .find_map(|port| bind(port).ok())
            .context("no port from 8080 on is free"),
    }
}

impl Site {
    /// Answers for as long as the process lives, each connection on a thread of its own.
    pub fn serve(self, listener: TcpListener) -> ! {
        let site = Arc::new(self);
        loop {
            let Ok((stream, _)) = listener.accept() else {
                continue;
            };
            let site = Arc::clone(&site);
            // A browser that hangs up early is no concern of ours.
            thread::spawn(move || site.answer(&stream).ok());
        }
    }

    fn answer(&self, mut stream: &TcpStream) -> io::Result<()> {
        stream.set_read_timeout(Some(PATIENCE))?;
        let mut head = BufReader::new(stream).take(LONGEST_HEAD);
        let mut line = String::new();
        head.read_line(&mut line)?;
        let mut words = line.split(' ');
        let (method, target) = (words.next().unwrap_or(""), words.next().unwrap_or(""));
        let length = body_length(&mut head)?;

        let response = match method {
            "GET" | "HEAD" => self.file(target),
            "POST" => {
                let mut body = String::new();
                head.into_inner()
                    .take(length.min(LONGEST_BODY))
                    .read_to_string(&mut body)?;
                self.post(target, body)
            }
            _ => Response::empty("405 Method Not Allowed"),
        };
        write!(
            stream,
            "HTTP/1.1 {}\r\nContent-Type: {}\r\nContent-Length: {}\r\n\
             Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n\
             {ISOLATION}Connection: close\r\n\r\n",
            response.status,
            response.kind,
            response.body.len(),
        )?;
        if method != "HEAD" {
            stream.write_all(&response.body)?;
        }
        Ok(())
    }

    fn file(&self, target: &str) -> Response {
        let found = relative_path(target)
            .and_then(|path| self.dirs.iter().find_map(|dir| read_below(dir, &path)));
        match found {
            Some((path, body)) => Response {
                status: "200 OK",
                kind: media_type(&path),
                body,
            },
            None => Response::empty("404 Not Found"),
        }
    }

    fn post(&self, target: &str, body: String) -> Response {
        let Some((_, receives)) = self.inbox.as_ref().filter(|(path, _)| *path == target) else {
            return Response::empty("404 Not Found");
        };
        match receives(body) {
            Ok(()) => Response::empty("204 No Content"),
            Err(error) => {
                eprintln!("{error:#}");
                Response::empty("500 Internal Server Error")
            }
        }
    }
}

impl Response {
    fn empty(status: &'static str) -> Self {
        Self {
            status,
            kind: "text/plain",
            body: Vec::new(),
        }
    }
}

/// Reads the rest of a request's head; what matters in it is how long a body follows.
fn body_length(head: &mut impl BufRead) -> io::Result<u64> {
    let mut length = 0;
    for line in head.lines() {
        let line = line?;
        if line.is_empty() {
            break;
        }
        if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            length = value.trim().parse().unwrap_or(0);
        }
    }
    Ok(length)
}

/// The file's content and real path, unless that lies outside `dir`, as behind a symbolic link.
fn read_below(dir: &Path, path: &Path) -> Option<(PathBuf, Vec<u8>)> {
    let root = dir.canonicalize().ok()?;
    let mut file = root.join(path).canonicalize().ok()?;
    if file.is_dir() {
        file = file.join("index.html").canonicalize().ok()?;
    }
    let body = fs::read(&file).ok()?;
    file.starts_with(&root).then_some((file, body))
}

/// The path in a request, relative to a root which it cannot leave.
fn relative_path(target: &str) -> Option<PathBuf> {
    let path = target.split(['?', '#']).next()?.strip_prefix('/')?;
    let path = percent_decoded(path)?;
    let mut relative = PathBuf::new();
    for part in path
        .split('/')
        .filter(|part| !part.is_empty() && *part != ".")
    {
        if part == ".." || part.contains(['\\', ':', '\0']) {
            return None;
        }
        relative.push(part);
    }
    Some(relative)
}

fn percent_decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((plain, encoded)) = rest.split_once('%') {
        bytes.extend(plain.as_bytes());
        bytes.push(u8::from_str_radix(encoded.get(..2)?, 16).ok()?);
        rest = &encoded[2..];
    }
    bytes.extend(rest.as_bytes());
    String::from_utf8(bytes).ok()
}

/// Browsers refuse modules and wasm that come under another type.
fn media_type(path: &Path) -> &'static str {
    match path.extension().and_then(|extension| extension.to_str()) {
        Some("html") => "text/html; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("js" | "mjs") => "text/javascript; charset=utf-8",
        Some("json" | "map") => "application/json",
        Some("wasm") => "application/wasm",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("ico") => "image/x-icon",
        Some("txt" | "md" | "ts") => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_stays_below_its_root() {
        assert_eq!(relative_path("/a/b.js?c=/../d"), Some("a/b.js".into()));
        assert_eq!(relative_path("/"), Some("".into()));
        assert_eq!(relative_path("//etc/./passwd"), Some("etc/passwd".into()));
        assert_eq!(relative_path("/a%20b"), Some("a b".into()));
        for target in [
            "/../a",
            "/%2e%2e/a",
            "/a/..%2fb",
            "/..%5ca",
            "/c:/a",
            "/%zz",
            "/%",
            "a",
        ] {
            assert_eq!(relative_path(target), None, "{target}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_link_does_not_lead_out() {
        let dir = std::env::temp_dir().join(format!("xtask-http-{}", std::process::id()));
        fs::create_dir_all(dir.join("root")).unwrap();
        fs::write(dir.join("secret"), "secret").unwrap();
        fs::write(dir.join("root/index.html"), "index").unwrap();
        std::os::unix::fs::symlink("../secret", dir.join("root/link")).unwrap();
        let read = |path: &str| read_below(&dir.join("root"), Path::new(path));
        assert!(read("link").is_none());
        assert_eq!(read("").unwrap().1, b"index");
        fs::remove_dir_all(dir).unwrap();
    }

    #[test]
    fn a_body_is_as_long_as_the_head_says() {
        let mut head = &b"Host: a\r\ncontent-LENGTH: 12\r\n\r\nnot: this"[..];
        assert_eq!(body_length(&mut head).unwrap(), 12);
        assert_eq!(head, b"not: this");
    }
}
