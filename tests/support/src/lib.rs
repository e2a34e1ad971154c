//! A scripted WebSocket server: the counterpart under test can be made to misbehave.
//!
//! A case writes what the server shall do into the URL ([`Script`]), opens that URL, and fetches
//! what the server saw ([`Log`]) over a second, well-behaved WebSocket connection. Both work from
//! every platform: neither the script nor the log touches the network.
//!
//! | URL | Answer |
//! |-----|--------|
//! | `ws://HOST/run/ID[/any/path]?do=SCRIPT[&any=query]` | what the script says; without `do`: [`Script::echo`] |
//! | `ws://HOST/port/ID?do=SCRIPT` | one text message with a port of its own, where the script says what to do from the first byte on, then close 1000 |
//! | `ws://HOST/log/ID` | one text message with the log, once there was a connection with that id and all have ended (5 s at most), then close 1000 |
//! | `ws://HOST/log/ID?connections=N` | the same, once there were `N` of them |
//! | `ws://HOST/log/ID?now` | the same at once |
//! | `ws://HOST/broker` | one text message with the URL of a mosquitto of its own, MQTT over WebSocket, which runs until the client closes |
//! | `http://HOST/health` | `ok` |
//!
//! # Scripts
//!
//! The script of one connection is a list of steps separated by `;`; `|` separates the scripts of
//! the first, second, … connection with one id, and the last of them serves all later ones.
//! A step is a verb and its arguments, separated by `,`:
//!
//! | Step | Meaning |
//! |------|---------|
//! | `accept,status=…,protocol=…,connection=…,upgrade=…,accept=…,header=…,tail=…` | answers the handshake ([`Accept`]); `no-connection`, `no-upgrade`, `no-accept` leave a header out |
//! | `frame,op=1,data=…,fin=0,rsv=4,mask=01020304,enc=16` | writes frames ([`Frame`]); each further `op=` begins another one, all go out in one write |
//! | `send,data=…` | writes raw bytes |
//! | `pace,chunk=1,gap=10` | lets every later write go out in chunks with pauses of `gap` ms; `pace` ends it |
//! | `serve,ms=…` | echoes data frames, answers pings, until it has answered a close frame |
//! | `frames,n=1,ms=2000` · `frames,until=8,ms=2000` | reads so many frames, or up to one with that opcode |
//! | `drain,ms=300` | reads and answers nothing |
//! | `slow_read,ms=1500,gap=1,chunk=16384,total=200000` | reads with pauses ([`SlowRead`]) |
//! | `rcvbuf,bytes=65536` | sets the size of the receive buffer |
//! | `sleep,ms=60` | neither reads nor writes |
//! | `request` | reads one more request (the first one is always read: it brings the script) |
//! | `socks5,user=…,password=…,reply=4` | answers as a SOCKS5 proxy ([`Socks5`]); refusing ends |
//! | `half_close` | shuts down the sending side and goes on |
//! | `fin` | shuts down the sending side, reads what still comes for 2 s at most, and ends; so does the end of the script |
//! | `rst` | resets the connection and ends |
//!
//! Payloads ([`Payload`]) are pieces joined by `+`: `text:…`, `hex:…`, `rep:x*1000`, `pattern:65536`.
//! In texts and header values, percent-escapes stand for `% ; , | +` and control characters.
//!
//! Whatever happens, a connection ends after 30 s at the latest.

mod accept;
mod chain;
mod escape;
mod frame;
mod log;
mod parse;
mod parse_error;
mod payload;
mod record;
mod script;
mod socks5;
mod step;

pub use accept::Accept;
pub use chain::assert_said_once;
pub use frame::{Frame, LengthForm, opcode};
pub use log::{Log, header_values};
pub use parse_error::ParseError;
pub use payload::Payload;
pub use record::{Body, Entry, FrameRecord};
pub use script::Script;
pub use socks5::Socks5;
pub use step::{Pace, SlowRead, Step};

#[cfg(not(target_family = "wasm"))]
mod native;

#[cfg(not(target_family = "wasm"))]
pub use native::{DeadEnd, Server, blackhole, refused_port, silent};
