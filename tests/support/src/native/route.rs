//! Decides by the request's path what to do with a connection.

use std::net::TcpStream;
use std::sync::Arc;
use std::time::Duration;

use crate::frame::opcode;
use crate::native::connection::Connection;
use crate::native::head::{Head, parameter};
use crate::native::perform::perform;
use crate::native::store::{Recorder, Store};
use crate::record::Entry;
use crate::script::Script;

/// How long the log waits for the run's connections to end.
const LOG_PATIENCE: Duration = Duration::from_secs(5);

/// How long the log's reader has for the closing handshake.
const CLOSING_MS: u64 = 2000;

/// Serves one connection from its request to its end.
pub(crate) fn route(stream: TcpStream, store: &Arc<Store>) {
    let mut connection = Connection::new(stream);
    let Some(head) = connection.read_head() else {
        return plain(&mut connection, "400 Bad Request", "no request");
    };
    let Some((segments, query)) = head.target() else {
        return plain(&mut connection, "400 Bad Request", "no request line");
    };
    match segments.as_slice() {
        ["health"] => plain(&mut connection, "200 OK", "ok"),
        ["log", id] => {
            let patience = match parameter(query, "now") {
                Some(_) => Duration::ZERO,
                None => LOG_PATIENCE,
            };
            let connections = parameter(query, "connections").and_then(|count| count.parse().ok());
            let log = store
                .log(id, connections.unwrap_or(1), patience)
                .to_string();
            tell_log(&mut connection, &head, log);
        }
        ["run", id, ..] => {
            let recorder = Recorder::start(store, id, head.lines.clone());
            let script = parameter(query, "do");
            run(&mut connection, &head, recorder, script.as_deref());
        }
        _ => plain(&mut connection, "404 Not Found", "not found"),
    }
}

fn run(connection: &mut Connection, head: &Head, recorder: Recorder, script: Option<&str>) {
    let number = recorder.number();
    connection.record_into(recorder);
    match script.map_or_else(|| Ok(Script::echo()), str::parse) {
        Ok(script) => {
            let key = head.key().unwrap_or_default();
            perform(connection, script.connection(number), key);
        }
        Err(error) => {
            connection.record(Entry::Error(error.to_string()));
            plain(connection, "400 Bad Request", &error.to_string());
        }
    }
}

fn tell_log(connection: &mut Connection, head: &Head, log: String) {
    let Some(key) = head.key() else {
        return plain(connection, "200 OK", &log);
    };
    let script = Script::new()
        .accept()
        .text(log)
        .close(1000, "")
        .frames_until(opcode::CLOSE, CLOSING_MS);
    perform(connection, script.connection(1), key);
}

fn plain(connection: &mut Connection, status: &str, body: &str) {
    let response = format!(
        "HTTP/1.1 {status}\r\nContent-Type: text/plain; charset=utf-8\r\n\
         Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    );
    perform(connection, Script::new().raw(response).connection(1), "");
}
