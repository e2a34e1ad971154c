//! The core of the npm package: what the library's feature `__npm` exports to JavaScript. A crate of
//! its own, because link-time optimization only sees through one that is nothing but a `cdylib`.

extern crate qwebsocket;

/// The default one takes a quarter of the whole. Here little is allocated, and for long.
#[cfg(target_family = "wasm")]
#[global_allocator]
static ALLOCATOR: lol_alloc::LockedAllocator<lol_alloc::FreeListAllocator> =
    lol_alloc::LockedAllocator::new(lol_alloc::FreeListAllocator::new());

/// In place of what build.rs names. wasm-bindgen takes the export away.
#[cfg(target_family = "wasm")]
#[unsafe(no_mangle)]
extern "C" fn __wrap___wbg_jspi_task_poll(_: u32) {}
