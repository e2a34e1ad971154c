//! Buffers that are held only while data flows, so that an idle connection holds none.

use std::cell::RefCell;

/// The size of a pooled buffer.
pub(super) const SIZE: usize = 64 * 1024;

/// More than this many spare buffers of a thread are given back to the allocator.
const SPARE: usize = 4;

thread_local! {
    static READ: RefCell<Vec<Box<[u8]>>> = const { RefCell::new(Vec::new()) };
    static WRITE: RefCell<Vec<Vec<u8>>> = const { RefCell::new(Vec::new()) };
}

/// [`SIZE`] bytes to read into, whatever is in them.
pub(super) fn take_read() -> Box<[u8]> {
    READ.with_borrow_mut(Vec::pop)
        .unwrap_or_else(|| vec![0; SIZE].into_boxed_slice())
}

/// Takes a read buffer back.
pub(super) fn give_read(buffer: Box<[u8]>) {
    if buffer.len() == SIZE {
        keep(&READ, buffer);
    }
}

/// An empty buffer with room for [`SIZE`] bytes.
pub(super) fn take_write() -> Vec<u8> {
    WRITE
        .with_borrow_mut(Vec::pop)
        .unwrap_or_else(|| Vec::with_capacity(SIZE))
}

/// Takes a write buffer back.
pub(super) fn give_write(mut buffer: Vec<u8>) {
    buffer.clear();
    keep(&WRITE, buffer);
}

fn keep<T>(pool: &'static std::thread::LocalKey<RefCell<Vec<T>>>, buffer: T) {
    // A thread on its way out has no pool any more; then the buffer goes too.
    let _ = pool.try_with(|pool| {
        let mut pool = pool.borrow_mut();
        if pool.len() < SPARE {
            pool.push(buffer);
        }
    });
}
