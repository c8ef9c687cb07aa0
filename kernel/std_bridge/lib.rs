//! The part of the runtime that shares the standard library with the cells.
//!
//! Cells are linked against the dynamic `libstd`; the `threadbook` binary has a `std` of its own.
//! What must act on the cells' standard streams and panics is compiled from this file into a
//! small library of its own, once per compiler, and loaded by the runtime before the first cell.

use std::cell::Cell;
use std::ffi::c_int;
use std::io::Write;
use std::panic::PanicHookInfo;
use std::ptr;
use std::sync::{Mutex, OnceLock};

/// What a panic on the cell's own thread left behind, or an error that has left the cell by `?`.
struct Panic {
    message: String,
    line: u32,
    /// The address of the name of the file, which is in the library that the panicking code is in; 0 if it is not known.
    file: usize,
}

impl Panic {
    /// As the standard library tells it.
    fn tell(&self) {
        let _ = writeln!(std::io::stderr(), "thread 'main' panicked: {}", self.message);
    }
}

static LAST: Mutex<Option<Panic>> = Mutex::new(None);

thread_local! {
    /// Set on the thread that runs a cell, in the process that runs it. A forked child inherits
    /// the flag with the thread, so the process id is part of it.
    static CELL_OF: Cell<u32> = const { Cell::new(0) };
}

/// What the runtime does for the helper crate, which looks for the functions at the end of this
/// file by their names.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Services {
    send: extern "C" fn(*const u8, usize) -> c_int,
    input: extern "C" fn(*const u8, usize, c_int, *mut u8, usize) -> isize,
    hold: extern "C" fn() -> *const Outlet,
    enter: extern "C" fn(*const Outlet) -> *const Outlet,
    release: extern "C" fn(*const Outlet),
}

/// Something of the runtime's, to be handed back to it.
#[repr(C)]
pub struct Outlet([u8; 0]);

static SERVICES: OnceLock<Services> = OnceLock::new();

/// To be called once, before the first cell.
#[unsafe(no_mangle)]
pub extern "C" fn threadbook_std_bridge_start(services: &Services) {
    // A second call would change nothing.
    let _ = SERVICES.set(*services);
    std::panic::set_hook(Box::new(on_panic));
}

/// Marks the calling thread as the one whose panics end the cell.
#[unsafe(no_mangle)]
pub extern "C" fn threadbook_std_bridge_cell_begins() {
    CELL_OF.set(std::process::id());
    *last() = None;
}

/// Keeps the text of an error that leaves the cell.
///
/// # Safety
/// `text` points to `length` readable bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn threadbook_std_bridge_left_by_error(text: *const u8, length: usize) {
    // SAFETY: the caller's promise.
    let text = unsafe { std::slice::from_raw_parts(text, length) };
    let caught = last().replace(Panic {
        message: String::from_utf8_lossy(text).into_owned(),
        line: 0,
        file: 0,
    });
    if let Some(caught) = caught {
        caught.tell();
    }
}

/// Shows what the cell left in its buffers, and hands over the panic or the error that ended it, if it `has_failed`. A panic that the cell
/// has caught is told on stderr.
///
/// `take` gets the message's address and length, the line, the address of the file's name, and `context` as given.
#[unsafe(no_mangle)]
pub extern "C" fn threadbook_std_bridge_cell_ends(
    has_failed: bool,
    take: extern "C" fn(*mut u8, *const u8, usize, u32, usize),
    context: *mut u8,
) {
    CELL_OF.set(0);
    let panic = last().take();
    if let Some(panic) = panic.as_ref().filter(|_| !has_failed) {
        panic.tell();
    }
    // A cell may have closed its streams; there is nobody left to tell.
    let _ = std::io::stdout().flush();
    let _ = std::io::stderr().flush();
    if let Some(panic) = panic.filter(|_| has_failed) {
        take(
            context,
            panic.message.as_ptr(),
            panic.message.len(),
            panic.line,
            panic.file,
        );
    }
}

/// Forks; the results are those of fork(2).
///
/// The streams are flushed first and held across the fork, so that they are free in the child
/// whatever other threads are doing.
#[unsafe(no_mangle)]
pub extern "C" fn threadbook_std_bridge_fork() -> i32 {
    unsafe extern "C" {
        fn fork() -> i32;
    }
    let mut stdout = std::io::stdout().lock();
    let mut stderr = std::io::stderr().lock();
    let _ = stdout.flush();
    let _ = stderr.flush();
    // SAFETY: glibc takes and frees its own locks around the fork, and the locks above are held
    // by this thread, which is the one that the child has; it lets go of them below as we do.
    // The other locks of `std` are held for moments only, inside of it.
    unsafe { fork() }
}

fn on_panic(info: &PanicHookInfo) {
    let message = info
        .payload_as_str()
        .unwrap_or("a value that is no text")
        .to_owned();
    if CELL_OF.get() == std::process::id() {
        let (line, file) = info
            .location()
            .map_or((0, 0), |at| (at.line(), at.file().as_ptr().addr()));
        let before = last().replace(Panic {
            message,
            line,
            file,
        });
        // The cell goes on after it, so it was caught.
        if let Some(before) = before {
            before.tell();
        }
        return;
    }
    let thread = std::thread::current();
    let name = thread.name().unwrap_or("<unnamed>");
    let _ = writeln!(std::io::stderr(), "thread '{name}' panicked: {message}");
}

fn last() -> std::sync::MutexGuard<'static, Option<Panic>> {
    LAST.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}

/// Sends rich output, the `length` bytes of a record. Gives 0, or an errno value.
///
/// # Safety
/// `record` points to `length` readable bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn threadbook_send(record: *const u8, length: usize) -> c_int {
    const ENOTCONN: c_int = 107;
    SERVICES
        .get()
        .map_or(ENOTCONN, |services| (services.send)(record, length))
}

/// Asks the user for a line. Gives its length, or a negative errno value.
///
/// # Safety
/// `prompt` points to `length` readable bytes, `buffer` to room for `capacity`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn threadbook_input(
    prompt: *const u8,
    length: usize,
    password: c_int,
    buffer: *mut u8,
    capacity: usize,
) -> isize {
    const ENOTSUP: isize = 95;
    SERVICES.get().map_or(-ENOTSUP, |services| {
        (services.input)(prompt, length, password, buffer, capacity)
    })
}

/// Holds the place where the calling thread's output goes, for a thread that works for it.
#[unsafe(no_mangle)]
pub extern "C" fn threadbook_output_hold() -> *const Outlet {
    SERVICES
        .get()
        .map_or(ptr::null(), |services| (services.hold)())
}

/// Sends the calling thread's output to a held place, or with null to the cell that runs. Gives
/// what it was before.
///
/// # Safety
/// `outlet` is null or held.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn threadbook_output_enter(outlet: *const Outlet) -> *const Outlet {
    SERVICES
        .get()
        .map_or(ptr::null(), |services| (services.enter)(outlet))
}

/// Lets go of a held place.
///
/// # Safety
/// `outlet` is null or held, and no thread is in it any more.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn threadbook_output_release(outlet: *const Outlet) {
    if let Some(services) = SERVICES.get() {
        (services.release)(outlet);
    }
}
