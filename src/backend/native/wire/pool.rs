//! Buffers that are held only while data flows, so that an idle connection holds none.

use std::cell::RefCell;
use std::mem;
use std::thread::LocalKey;

use bytes::Bytes;

use super::frame::MAX_HEADER;

/// The payload that a buffer to write from has room for, together with a header.
pub(crate) const PAYLOAD: usize = 64 * 1024;

/// The size of a buffer to write from.
pub(crate) const SIZE: usize = PAYLOAD + MAX_HEADER;

/// The size of a buffer to read into: a message of 64 KiB with its header, and some of the next.
pub(crate) const READ: usize = 68 * 1024;

/// More than this many spare buffers of a thread are given back to the allocator. A burst of large
/// messages takes so many before it writes.
const SPARE: usize = 5;

thread_local! {
    static READ_BUFFERS: RefCell<Vec<Box<[u8]>>> = const { RefCell::new(Vec::new()) };
    static WRITE_BUFFERS: RefCell<Vec<Vec<u8>>> = const { RefCell::new(Vec::new()) };
}

/// [`READ`] bytes to read into, whatever is in them.
pub(crate) fn take_read() -> Box<[u8]> {
    spare(&READ_BUFFERS).unwrap_or_else(|| vec![0; READ].into_boxed_slice())
}

/// Takes a read buffer back.
pub(crate) fn give_read(buffer: Box<[u8]>) {
    if buffer.len() == READ {
        keep(&READ_BUFFERS, buffer);
    }
}

/// A read buffer whose content is kept; it comes back when the last of it is dropped.
pub(crate) fn share_read(buffer: Box<[u8]>) -> Bytes {
    struct Shared(Box<[u8]>);

    impl AsRef<[u8]> for Shared {
        fn as_ref(&self) -> &[u8] {
            &self.0
        }
    }

    impl Drop for Shared {
        fn drop(&mut self) {
            give_read(mem::take(&mut self.0));
        }
    }

    Bytes::from_owner(Shared(buffer))
}

/// A buffer to encode into, whatever is in it, with a capacity of [`SIZE`].
pub(crate) fn take_write() -> Vec<u8> {
    spare(&WRITE_BUFFERS).unwrap_or_else(|| Vec::with_capacity(SIZE))
}

/// Takes a write buffer back.
pub(crate) fn give_write(buffer: Vec<u8>) {
    keep(&WRITE_BUFFERS, buffer);
}

/// A thread on its way out has no pool any more: then there is none to take, and what is given goes.
type Pool<T> = LocalKey<RefCell<Vec<T>>>;

fn spare<T>(pool: &'static Pool<T>) -> Option<T> {
    pool.try_with(|pool| pool.borrow_mut().pop()).ok()?
}

fn keep<T>(pool: &'static Pool<T>, buffer: T) {
    let _ = pool.try_with(|pool| {
        let mut pool = pool.borrow_mut();
        if pool.len() < SPARE {
            pool.push(buffer);
        }
    });
}
