//! Messages that there is no memory for.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

use qwebsocket::{Socket, WebSocket};
use wasm_bindgen_test::wasm_bindgen_test;

use crate::browser::Probe;
use crate::events;

/// Has no more than so many bytes in one piece.
struct Bounded;

thread_local!(static BOUND: Cell<usize> = const { Cell::new(usize::MAX) });

#[allow(unsafe_code)]
// SAFETY: all is left to the system's allocator, or refused.
unsafe impl GlobalAlloc for Bounded {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        match layout.size() > BOUND.get() {
            true => std::ptr::null_mut(),
            false => unsafe { System.alloc(layout) },
        }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        match layout.size() > BOUND.get() {
            true => std::ptr::null_mut(),
            false => unsafe { System.alloc_zeroed(layout) },
        }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        match size > BOUND.get() {
            true => std::ptr::null_mut(),
            false => unsafe { System.realloc(pointer, layout, size) },
        }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Bounded = Bounded;

#[wasm_bindgen_test]
async fn a_message_without_memory_for_it_is_too_large() {
    for data in [
        "new ArrayBuffer(20e6)",
        "'x'.repeat(20e6)",
        "'é'.repeat(20e6)",
    ] {
        let send =
            format!("send() {{ this.tell('before'); this.tell({data}); this.tell('after') }}");
        let _probe = Probe::with_foreign_sockets(&send);
        let socket = Socket::connect("ws://foreign/").await.unwrap();
        socket.send("now".into()).unwrap();
        BOUND.set(16 << 20);
        let all = events::rest(&socket).await;
        BOUND.set(usize::MAX);
        assert_eq!(
            all,
            [
                "Message(Text(\"before\"))",
                "error TooLarge",
                "about to close",
                "Closing",
                "Unconnected",
                "read finished",
                "disconnected"
            ],
            "{data}"
        );
        assert_eq!(socket.close_code(), Some(4009.into()));
        assert_eq!(socket.error_string(), "no memory for the message");
    }
}
