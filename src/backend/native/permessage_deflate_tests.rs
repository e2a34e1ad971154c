use super::*;

fn headers(value: &str) -> Headers {
    let mut headers = Headers::default();
    headers.push("Sec-WebSocket-Extensions", value);
    headers
}

#[test]
fn the_offer_says_what_was_asked_for() {
    assert_eq!(
        offer(&Compression::new()),
        "permessage-deflate; client_max_window_bits"
    );
    let options = Compression::new()
        .client_max_window_bits(10)
        .server_max_window_bits(9)
        .client_no_context_takeover(true)
        .server_no_context_takeover(true);
    assert_eq!(
        offer(&options),
        "permessage-deflate; client_max_window_bits=10; server_max_window_bits=9; \
         client_no_context_takeover; server_no_context_takeover"
    );
}

#[test]
fn a_client_takes_what_it_offered() {
    let options = Compression::new();
    assert_eq!(agreed(&Headers::default(), Some(&options)), Ok(None));
    let deflate = agreed(&headers("permessage-deflate"), Some(&options));
    assert!(deflate.unwrap().unwrap().outgoing.context_takeover);
    let deflate = agreed(
        &headers("permessage-deflate; client_max_window_bits=\"9\"; server_no_context_takeover"),
        Some(&options),
    );
    let deflate = deflate.unwrap().unwrap();
    assert_eq!(deflate.outgoing.window_bits, 9);
    assert!(!deflate.incoming.context_takeover);
}

#[test]
fn a_client_refuses_what_it_did_not_offer() {
    let options = Compression::new();
    for bad in [
        "x-webkit-deflate-frame",
        "permessage-deflate, permessage-deflate",
        "permessage-deflate; unknown",
        "permessage-deflate; server_max_window_bits",
        "permessage-deflate; server_max_window_bits=7",
        "permessage-deflate; server_max_window_bits=16",
        "permessage-deflate; server_max_window_bits=08",
        "permessage-deflate; client_max_window_bits",
        "permessage-deflate; client_no_context_takeover=1",
        "permessage-deflate; client_no_context_takeover; client_no_context_takeover",
    ] {
        assert!(agreed(&headers(bad), Some(&options)).is_err(), "{bad}");
    }
    assert!(agreed(&headers("permessage-deflate"), None).is_err());
    let small = Compression::new().server_max_window_bits(10);
    assert!(agreed(&headers("permessage-deflate"), Some(&small)).is_err());
    let fresh = Compression::new().server_no_context_takeover(true);
    assert!(agreed(&headers("permessage-deflate"), Some(&fresh)).is_err());
}

#[test]
fn a_server_takes_the_first_offer_that_it_can() {
    let choose = |value: &str, options: Compression| choose(&headers(value), &options);
    let options = Compression::new();
    assert!(choose("x-other", options).is_none());
    let (_, answer) = choose("permessage-deflate; unknown, permessage-deflate", options).unwrap();
    assert_eq!(answer, "permessage-deflate");
    let offer = "permessage-deflate; client_max_window_bits; server_max_window_bits=10";
    let (deflate, answer) = choose(offer, options.client_max_window_bits(9)).unwrap();
    assert_eq!(
        answer,
        "permessage-deflate; server_max_window_bits=10; client_max_window_bits=9"
    );
    assert_eq!(deflate.outgoing.window_bits, 10);
    assert_eq!(deflate.incoming.window_bits, 9);
    // This client cannot be told to use a smaller window.
    let (deflate, answer) =
        choose("permessage-deflate", options.client_max_window_bits(9)).unwrap();
    assert_eq!(answer, "permessage-deflate");
    assert_eq!(deflate.incoming.window_bits, 15);
}
