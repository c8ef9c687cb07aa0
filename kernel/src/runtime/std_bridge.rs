//! Loads the library that shares `std` with the cells (`std_bridge/lib.rs`).

use super::cell_output::CellOutput;
use super::libraries::library_at;
use super::{cell_lines, cell_output, display_record, input, location, refusal, schedule, waits};
use anyhow::{Context, Result};
use libc::{RTLD_GLOBAL, RTLD_NOW};
use libloading::os::unix::Library;
use std::path::PathBuf;
use std::sync::atomic::AtomicU8;

/// The environment variable that holds the library's path.
pub const STD_BRIDGE_VAR: &str = "THREADBOOK_STD_BRIDGE";

/// The functions that the std bridge offers to the helper crate. The layout matches the bridge's
/// structure of the same name.
#[repr(C)]
struct Services {
    send: extern "C" fn(*const u8, usize) -> libc::c_int,
    input: extern "C" fn(*const u8, usize, libc::c_int, *mut u8, usize) -> libc::ssize_t,
    hold: extern "C" fn() -> *const CellOutput,
    enter: extern "C" fn(*const CellOutput) -> *const CellOutput,
    release: extern "C" fn(*const CellOutput),
    wait_begin: unsafe extern "C" fn(u32, usize, libc::c_int) -> libc::c_int,
    wait_end: extern "C" fn(libc::c_int),
    watch_event: extern "C" fn(u32, usize, bool, usize),
    watch_switch: extern "C" fn() -> *const AtomicU8,
    watch_access: extern "C" fn(usize, bool) -> usize,
    watch_accessed: extern "C" fn(usize, u32, usize),
    thread_name: extern "C" fn(*const u8, usize),
    explore_step: unsafe extern "C" fn(&schedule::Request) -> bool,
    explore_result: extern "C" fn(u32, u64, u64, u64, u64),
    explore_panic: unsafe extern "C" fn(usize, *const u8, usize),
    cell_line: extern "C" fn(usize, u32, &mut u32) -> u32,
    refuse: unsafe extern "C" fn(*const u8, usize),
}

/// Returns the path of the std bridge.
///
/// # Errors
/// When the engine has not said where it is.
pub fn library_path() -> Result<PathBuf> {
    let path = std::env::var_os(STD_BRIDGE_VAR);
    let path = path.with_context(|| format!("{STD_BRIDGE_VAR} is not set"))?;
    Ok(PathBuf::from(path))
}

type TakePanic = extern "C" fn(*mut u8, *const u8, usize, u32, usize);

pub struct StdBridge {
    begins: extern "C" fn(),
    ends: extern "C" fn(bool, TakePanic, *mut u8),
    fork: extern "C" fn() -> libc::pid_t,
}

/// A panic that ended a cell, or an error that left it by `?`, which has no position.
#[derive(Default)]
pub struct Panic {
    pub message: String,
    pub line: u32,
    /// The library that contains the panicking code.
    pub library: Option<PathBuf>,
}

impl StdBridge {
    pub fn load() -> Result<StdBridge> {
        let path = library_path()?;
        // SAFETY: the library is ours and has no initialisers but those of `std`. Its symbols are
        // global because the helper crate looks some of them up.
        let library = unsafe { Library::open(Some(&path), RTLD_NOW | RTLD_GLOBAL) }
            .with_context(|| format!("cannot load {}", path.display()))?;
        // SAFETY: the names and signatures are those of `std_bridge/lib.rs`, and the library is built
        // from the source that this binary contains.
        let (start, begins, ends, fork, location, thread_name) = unsafe {
            (
                *library.get::<extern "C" fn(&Services)>(b"threadbook_std_bridge_start")?,
                *library.get(b"threadbook_std_bridge_cell_begins")?,
                *library.get(b"threadbook_std_bridge_cell_ends")?,
                *library.get(b"threadbook_std_bridge_fork")?,
                *library.get(b"threadbook_std_bridge_location")?,
                *library.get(b"threadbook_std_bridge_thread_name")?,
            )
        };
        // The functions are used until the process exits.
        std::mem::forget(library);
        start(&Services {
            send: display_record::send,
            input: input::ask,
            hold: cell_output::hold,
            enter: cell_output::enter,
            release: cell_output::release,
            wait_begin: waits::wait_begin,
            wait_end: waits::wait_end,
            watch_event: waits::watch_event,
            watch_switch: waits::watch_switch,
            watch_access: waits::watch_access,
            watch_accessed: waits::watch_accessed,
            thread_name: waits::names::keep,
            explore_step: schedule::step,
            explore_result: schedule::result,
            explore_panic: schedule::panic,
            cell_line: cell_lines::cell_line,
            refuse: refusal::refuse,
        });
        location::read_by(location);
        waits::names::read_by(thread_name);
        Ok(StdBridge { begins, ends, fork })
    }

    pub fn cell_begins(&self) {
        (self.begins)();
    }

    /// Forks while no other thread holds the cells' streams. Returns what fork(2) returns.
    pub fn fork(&self) -> libc::pid_t {
        (self.fork)()
    }

    /// Flushes the cells' streams. Returns the panic or the error that ended the cell, if any.
    pub fn cell_ends(&self, has_failed: bool) -> Option<Panic> {
        let mut panic: Option<Panic> = None;
        (self.ends)(has_failed, store_panic, (&raw mut panic).cast());
        panic
    }
}

extern "C" fn store_panic(panic: *mut u8, text: *const u8, length: usize, line: u32, file: usize) {
    // SAFETY: `cell_ends` passes the address of a live `Option<Panic>` that nothing else uses
    // during the call, and the std bridge passes the bytes of a live string.
    unsafe {
        let text = std::slice::from_raw_parts(text, length);
        *panic.cast::<Option<Panic>>() = Some(Panic {
            message: String::from_utf8_lossy(text).into_owned(),
            line,
            library: library_at(file),
        });
    }
}
