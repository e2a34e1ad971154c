//! Native tests.

#![cfg(not(target_family = "wasm"))]

mod api;
mod auth;
mod auth_challenges;
mod auth_nginx;
mod bad_input;
mod broadcast;
mod byte_stream;
mod cancel;
mod cancel_connecting;
mod common;
mod compression;
mod conformance;
mod deflate_interop;
mod delivery;
mod dependencies;
mod driving;
mod driving_callbacks;
mod driving_model;
mod duplex;
mod errors;
mod examples;
mod floors;
mod guard;
mod hosts;
mod interop;
mod messages;
#[cfg(not(any(feature = "native-tls", feature = "openssl", feature = "rustls")))]
mod no_tls;
mod own_stream;
mod papers;
mod programs;
mod proxies;
mod proxy_answers;
mod qt_table;
mod reconnect;
mod redirects;
mod s_server;
mod scripted;
mod secrets;
mod secure;
mod send;
mod server;
mod server_close;
mod server_listener;
mod server_memory;
mod server_request;
mod server_shutdown;
mod streaming;
mod testing;
mod tls;
mod tls_front;
#[cfg(all(feature = "tracing", feature = "rustls"))]
mod trace;
#[cfg(all(feature = "tracing", feature = "rustls"))]
mod trace_calls;
mod upgraded;
mod wakes;
