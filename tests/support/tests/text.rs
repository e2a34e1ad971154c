//! Scripts and logs as text.

use support::{
    Accept, Body, Entry, Frame, FrameRecord, LengthForm, Log, Payload, Script, SlowRead, Socks5,
    opcode,
};

fn every_step() -> Script {
    Script::new()
        .receive_buffer(65_536)
        .pace(1, 10)
        .accept_with(
            Accept::new()
                .status_line("HTTP/1.1 101 a;b|c,d")
                .upgrade("h2c, websocket")
                .connection("keep-alive, Upgrade")
                .key("  auto  ")
                .protocol("a=b")
                .header("Server: x; y")
                .header("Set-Cookie: a=b")
                .tail(Payload::from("\u{1f600}").and(Payload::pattern(300))),
        )
        .at_once()
        .accept()
        .text("a;b,c|d+e%f&g#h?i=j k")
        .burst([
            Frame::binary(&[0, 0xff]).not_final().rsv(5),
            Frame::continuation(Payload::repeat("xy", 20)).masked([1, 2, 3, 0xfe]),
            Frame::new(15, "").length_form(LengthForm::Bits64),
            Frame::close_empty(),
        ])
        .ping("p")
        .pong("q")
        .raw("HTTP/1.1 404 Not Found\r\n\r\n")
        .frames(3, 2000)
        .frames_until(opcode::CLOSE, 2000)
        .slow_read(SlowRead::lasting(10).gap(1).chunk(7).total(100))
        .slow_read(SlowRead::lasting(10))
        .sleep(1)
        .serve_for(5)
        .drain(5)
        .half_close()
        .rst()
        .next_connection()
        .next_connection()
        .request()
        .accept_with(
            Accept::new()
                .without_upgrade()
                .without_connection()
                .without_key(),
        )
        .serve()
        .fin()
        .next_connection()
        .socks5(Socks5::new())
        .socks5(Socks5::new().login("u;s|e,r", "p%+").reply(255))
}

#[test]
fn scripts_round_trip() {
    for script in [Script::new(), Script::echo(), every_step()] {
        let text = script.to_string();
        assert_eq!(text.parse::<Script>().unwrap(), script, "{text}");
    }
}

#[test]
fn urls_contain_nothing_that_anyone_would_change() {
    let url = every_step().url("ws://h:1", "id", "/a/b?x=1&y");
    let rest = url.strip_prefix("ws://h:1/run/id/a/b?do=").unwrap();
    let script = rest.strip_suffix("&x=1&y").unwrap();
    assert!(
        script
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "-_.~;,:=*%".contains(c))
    );
}

#[test]
fn the_last_script_serves_all_later_connections() {
    let script = Script::new().rst().next_connection().fin();
    assert_eq!(script.connection(1), Script::new().rst().connection(1));
    assert_eq!(script.connection(2), Script::new().fin().connection(1));
    assert_eq!(script.connection(9), script.connection(2));
}

#[test]
fn nonsense_is_no_script() {
    for text in [
        "jump",
        "drain",
        "sleep,ms=x",
        "sleep,ms=-1",
        "frames,ms=1",
        "frames,n=1,until=8,ms=1",
        "frame,data=text:x",
        "frame,op=1,mask=0102",
        "frame,op=1,enc=8",
        "frame,op=x",
        "send,data=x",
        "send,data=pattern:99999999999",
        "accept,foo=1",
        "rcvbuf",
        "fin,foo",
    ] {
        assert!(text.parse::<Script>().is_err(), "{text}");
    }
}

#[test]
fn logs_round_trip() {
    let frame = |body: &[u8]| {
        Entry::Frame(FrameRecord {
            fin: false,
            rsv: 7,
            opcode: opcode::CLOSE,
            mask: Some([0, 1, 2, 255]),
            len: body.len() as u64,
            body: Body::of(body),
        })
    };
    let request = Entry::Request {
        lines: vec!["GET / HTTP/1.1".to_owned(), "A: 1%\tb\nEvil: ü".to_owned()],
    };
    let log = Log {
        connections: vec![
            vec![
                request.clone(),
                frame(b"\x03\xe8bye"),
                frame(&[7; 300]),
                Entry::Socks5("login u\tp".to_owned()),
                Entry::Timeout,
                Entry::Error("no\nsuch".to_owned()),
                Entry::Rest {
                    len: 1000,
                    head: vec![1; 256],
                },
                Entry::Bytes { total: 12 },
                Entry::Ended,
            ],
            vec![request, Entry::Eof, Entry::Reset],
        ],
    };
    let parsed = Log::parse(&log.to_string()).unwrap();
    assert_eq!(parsed, log);

    assert_eq!(parsed.header(1, "a"), Some("1%\tb\nEvil: ü"));
    assert_eq!(parsed.bytes(1), 12);
    assert!(!parsed.ended() && parsed.hung_up(2) && !parsed.hung_up(1));
    let frames = parsed.frames(1);
    assert_eq!(frames[0].close_code(), Some(1000));
    assert_eq!(frames[0].close_reason(), Some("bye"));
    assert!(frames[1].body.is([7; 300]) && !frames[1].body.is([7; 299]));
    assert!(parsed.connection(0).is_empty() && parsed.connection(3).is_empty());
}

#[test]
fn nonsense_is_no_log() {
    for text in [
        "x",
        "1",
        "1\tjump",
        "2\teof",
        "0\teof",
        "1\tframe\t1\t0",
        "1\tbytes\t-",
    ] {
        assert!(Log::parse(text).is_err(), "{text:?}");
    }
}
