//! The linker's default stack of 1 MiB is most of what an instance takes. rustc puts it in front of
//! everything else, so that an overflow traps.

/// A multiple of what tests/npm/memory.test.mjs finds in use.
const STACK: u32 = 64 * 1024;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    if std::env::var("CARGO_CFG_TARGET_FAMILY").as_deref() == Ok("wasm") {
        println!("cargo::rustc-link-arg-cdylib=-zstack-size={STACK}");
    }
}
