//! Classes and exceptions that are not a browser's.

use qwebsocket::{ErrorKind, Socket, WebSocket};
use wasm_bindgen_test::wasm_bindgen_test;

use crate::browser::Probe;
use crate::events;

#[wasm_bindgen_test]
async fn a_foreign_class_may_keep_what_is_sent() {
    let _probe = Probe::with_foreign_sockets(
        "send(data) {
             const own = data.byteLength == data.buffer.byteLength;
             this.tell(own ? 'a copy' : 'a view');
         }",
    );
    let socket = Socket::connect("ws://foreign/").await.unwrap();
    socket.send(vec![1; 500].into()).unwrap();
    let event = events::next(&socket).await.unwrap();
    assert_eq!(events::told(&event), "Message(Text(\"a copy\"))");
}

#[wasm_bindgen_test]
fn the_name_of_an_exception_belongs_to_the_error() {
    for (exception, text) in [
        (
            "Object.assign(new Error(), { name: 'NS_ERROR_CONTENT_BLOCKED' })",
            "NS_ERROR_CONTENT_BLOCKED",
        ),
        (
            "new DOMException('not from here', 'SecurityError')",
            "SecurityError: not from here",
        ),
        ("'only a text'", "connection failed"),
        ("null", "connection failed"),
        ("undefined", "connection failed"),
        ("{}", "Error"),
    ] {
        let begin = format!("begin() {{ throw {exception} }}");
        let _probe = Probe::with_foreign_sockets(&begin);
        let error = Socket::new().open("ws://foreign/".into()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Connection, "{exception}");
        assert_eq!(error.to_string(), text, "{exception}");
    }
}
