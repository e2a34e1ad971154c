//! The linker's default stack of 1 MiB is most of what an instance takes. rustc puts it in front of
//! everything else, so that an overflow traps.

/// A multiple of what tests/npm/memory.test.mjs finds in use.
const STACK: u32 = 64 * 1024;

/// js-sys exports it from whatever it is linked into, and with it the tasks that it polls. Nothing
/// here spawns one; core.rs has what stands in its place.
const UNUSED: &str = "__wbg_jspi_task_poll";

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    if std::env::var("CARGO_CFG_TARGET_FAMILY").as_deref() == Ok("wasm") {
        println!("cargo::rustc-link-arg-cdylib=-zstack-size={STACK}");
        println!("cargo::rustc-link-arg-cdylib=--wrap={UNUSED}");
    }
}
