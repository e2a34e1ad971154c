//! Decides by the request's path what to do with a connection.

use std::net::{IpAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use crate::frame::opcode;
use crate::native::broker::Broker;
use crate::native::connection::Connection;
use crate::native::head::{Head, parameter};
use crate::native::perform::{perform, perform_all};
use crate::native::store::{Recorder, Store};
use crate::record::Entry;
use crate::script::Script;

/// How long the log waits for the run's connections to end.
const LOG_PATIENCE: Duration = Duration::from_secs(5);

/// How long who is told something has for the closing handshake.
const CLOSING_MS: u64 = 2000;

/// How long a broker is lent at most.
const BROKER_MS: u64 = 30_000;

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
        ["broker"] => match Broker::start() {
            Ok(broker) => lend(&mut connection, &head, broker),
            Err(error) => plain(
                &mut connection,
                "503 Service Unavailable",
                &error.to_string(),
            ),
        },
        ["log", id] => {
            let patience = match parameter(query, "now") {
                Some(_) => Duration::ZERO,
                None => LOG_PATIENCE,
            };
            let connections = parameter(query, "connections").and_then(|count| count.parse().ok());
            let log = store
                .log(id, connections.unwrap_or(1), patience)
                .to_string();
            tell(&mut connection, &head, log);
        }
        ["port", id] => match parameter(query, "do").unwrap_or_default().parse() {
            Ok(script) => {
                let port = own_port(connection.local_ip(), store, id, script);
                tell(&mut connection, &head, port.to_string());
            }
            Err(error) => plain(&mut connection, "400 Bad Request", &error.to_string()),
        },
        ["run", id, ..] => {
            let recorder = Recorder::start(store, id);
            let lines = head.lines.clone();
            recorder.record(Entry::Request { lines });
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

/// A port where connections follow this script from their first byte on, as long as the process
/// lives.
fn own_port(address: IpAddr, store: &Arc<Store>, id: &str, script: Script) -> u16 {
    let listener = TcpListener::bind((address, 0)).expect("a free port");
    let port = listener.local_addr().expect("it is bound").port();
    let (store, id) = (Arc::clone(store), id.to_owned());
    thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let mut connection = Connection::new(stream);
            let recorder = Recorder::start(&store, &id);
            let steps = script.connection(recorder.number()).to_vec();
            connection.record_into(recorder);
            thread::spawn(move || perform(&mut connection, &steps, ""));
        }
    });
    port
}

fn tell(connection: &mut Connection, head: &Head, text: String) {
    let Some(key) = head.key() else {
        return plain(connection, "200 OK", &text);
    };
    let script = Script::new()
        .accept()
        .text(text)
        .close(1000, "")
        .frames_until(opcode::CLOSE, CLOSING_MS);
    perform(connection, script.connection(1), key);
}

/// Tells where the broker is, which has ended when the client's close frame is answered.
fn lend(connection: &mut Connection, head: &Head, broker: Broker) {
    let lends = Script::new().accept().text(broker.url());
    let lends = lends.frames_until(opcode::CLOSE, BROKER_MS);
    let key = head.key().unwrap_or_default();
    let lent = perform_all(connection, lends.connection(1), key);
    drop(broker);
    if lent.is_continue() {
        perform(connection, Script::new().close(1000, "").connection(1), "");
    }
}

fn plain(connection: &mut Connection, status: &str, body: &str) {
    let response = format!(
        "HTTP/1.1 {status}\r\nContent-Type: text/plain; charset=utf-8\r\n\
         Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    );
    perform(connection, Script::new().raw(response).connection(1), "");
}
