//! The std bridge: the part of the runtime that shares the standard library with the cells.
//!
//! Cells are linked against the dynamic `libstd`; the `threadbook` binary has a `std` of its own.
//! The code that must act on the cells' standard streams and panics is compiled from this file into
//! a separate small library, once per compiler. The runtime loads it before the first cell.

mod allocator;

use std::cell::Cell;
use std::ffi::c_int;
use std::io::Write;
use std::panic::{Location, PanicHookInfo};
use std::ptr;
use std::sync::atomic::AtomicU8;
use std::sync::{Mutex, OnceLock};

/// A panic on the cell's own thread, or an error that left the cell by `?`.
struct Panic {
    message: String,
    line: u32,
    /// The address of the source file's name, which lies in the library that contains the panicking code; 0 if unknown.
    file: usize,
}

impl Panic {
    fn at(message: String, place: Option<&Location<'_>>) -> Panic {
        // Code of `std` and of other crates that is compiled for a cell's types lies in the cell's library too.
        let place = place.filter(|place| place.file() == CELL_SOURCE);
        let (line, file) = place.map_or((0, 0), |place| (place.line(), place.file().as_ptr().addr()));
        Panic { message, line, file }
    }

    /// Prints the panic as the standard library does.
    fn print(&self, thread: &str) {
        let mut cell = 0;
        let line = SERVICES.get().map_or(0, |services| (services.cell_line)(self.file, self.line, &mut cell));
        let place = match (cell, line) {
            (_, 0) => String::new(),
            (0, line) => format!(" at line {line}"),
            (cell, line) => format!(" at cell {cell}, line {line}"),
        };
        let _ = writeln!(std::io::stderr(), "thread '{thread}' panicked{place}: {}", self.message);
    }
}

/// The source file of a cell's library, as rustc names it.
const CELL_SOURCE: &str = "src/lib.rs";

/// The name of the thread that runs cells.
const MAIN_THREAD: &str = "main";

static LAST_PANIC: Mutex<Option<Panic>> = Mutex::new(None);

thread_local! {
    /// On the thread that runs a cell, the id of the process that runs it; 0 otherwise. A forked child
    /// inherits the value with the thread, so a flag would not do.
    static CELL_OF: Cell<u32> = const { Cell::new(0) };
}

/// The runtime's functions for the helper crate, which looks up the functions at the end of this
/// file by name.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Services {
    send: extern "C" fn(*const u8, usize) -> c_int,
    input: extern "C" fn(*const u8, usize, c_int, *mut u8, usize) -> isize,
    hold: extern "C" fn() -> *const Output,
    enter: extern "C" fn(*const Output) -> *const Output,
    release: extern "C" fn(*const Output),
    wait_begin: unsafe extern "C" fn(u32, usize, c_int) -> c_int,
    wait_end: extern "C" fn(c_int),
    watch_event: extern "C" fn(u32, usize, bool, usize),
    watch_switch: extern "C" fn() -> *const AtomicU8,
    watch_access: extern "C" fn(usize, bool) -> usize,
    watch_accessed: extern "C" fn(usize, u32, usize),
    thread_name: extern "C" fn(*const u8, usize),
    explore_step: unsafe extern "C" fn(*const ExploreStep) -> bool,
    explore_result: extern "C" fn(u32, u64, u64, u64, u64),
    explore_panic: unsafe extern "C" fn(usize, *const u8, usize),
    cell_line: extern "C" fn(usize, u32, &mut u32) -> u32,
    refuse: unsafe extern "C" fn(*const u8, usize),
}

/// An opaque value of the runtime's, only passed back to it.
#[repr(C)]
pub struct Output([u8; 0]);

/// A step of an explored cell (`explored_std/steps.rs`), only passed on to the runtime.
#[repr(C)]
pub struct ExploreStep([u8; 0]);

static SERVICES: OnceLock<Services> = OnceLock::new();

/// Stores the services and installs the panic hook. To be called once, before the first cell.
#[unsafe(no_mangle)]
pub extern "C" fn threadbook_std_bridge_start(services: &Services) {
    // An error means that the services are already set.
    let _ = SERVICES.set(*services);
    std::panic::set_hook(Box::new(on_panic));
}

/// Marks the calling thread as the one whose panics end the cell.
#[unsafe(no_mangle)]
pub extern "C" fn threadbook_std_bridge_cell_begins() {
    CELL_OF.set(std::process::id());
    *last_panic() = None;
}

/// Stores the text of an error that leaves the cell by the `?` at `place`.
///
/// # Safety
/// `text` points to `length` readable bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn threadbook_std_bridge_left_by_error(
    text: *const u8,
    length: usize,
    place: &'static Location<'static>,
) {
    // SAFETY: the caller promises `length` readable bytes.
    let text = unsafe { std::slice::from_raw_parts(text, length) };
    let message = String::from_utf8_lossy(text).into_owned();
    let caught = last_panic().replace(Panic::at(message, Some(place)));
    if let Some(caught) = caught {
        caught.print(MAIN_THREAD);
    }
}

/// Stores the message of the panic that has ended the cell, unless the hook has: the notebook may have set another one.
///
/// # Safety
/// `message` points to `length` readable bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn threadbook_std_bridge_panicked(message: *const u8, length: usize) {
    // SAFETY: the caller promises `length` readable bytes.
    let message = unsafe { std::slice::from_raw_parts(message, length) };
    let message = String::from_utf8_lossy(message).into_owned();
    last_panic().get_or_insert_with(|| Panic::at(message, None));
}

/// Ends the process, since the cell cannot run: a copy from before the cell takes over and shows the message.
///
/// # Safety
/// `message` points to `length` readable bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn threadbook_std_bridge_refuse(message: *const u8, length: usize) {
    if let Some(services) = SERVICES.get() {
        // SAFETY: the caller's promise.
        unsafe { (services.refuse)(message, length) };
    }
}

/// Flushes the cell's streams and, if the cell `has_failed`, passes the panic or error that ended it to `take`. Prints a panic
/// that the cell has caught to stderr.
///
/// `take` receives `context` as given, the message's address and length, the line, and the address of the file's name.
#[unsafe(no_mangle)]
pub extern "C" fn threadbook_std_bridge_cell_ends(
    has_failed: bool,
    take: extern "C" fn(*mut u8, *const u8, usize, u32, usize),
    context: *mut u8,
) {
    CELL_OF.set(0);
    let panic = last_panic().take();
    if let Some(panic) = panic.as_ref().filter(|_| !has_failed) {
        panic.print(MAIN_THREAD);
    }
    // Errors are ignored: a cell may have closed its streams.
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

/// Forks, and returns what fork(2) returns.
///
/// Flushes the streams first and holds them across the fork, so that they are free in the child
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
    // SAFETY: glibc takes and releases its own locks around the fork. This thread holds the locks
    // above; it is the one that the child has, and the child releases them below as the parent does.
    // The other locks of `std` are held only for moments, within `std`.
    unsafe { fork() }
}

/// Passes the name of the calling thread to `take`, its address and length, if it has one. To be called while the thread runs, not while
/// its thread-locals are dropped.
#[unsafe(no_mangle)]
pub extern "C" fn threadbook_std_bridge_thread_name(take: extern "C" fn(*const u8, usize)) {
    if let Some(name) = std::thread::current().name() {
        take(name.as_ptr(), name.len());
    }
}

/// Returns the line and the column of a `Location` of the cells' `std`, whose layout only this compiler knows.
///
/// # Safety
/// `address` is that of a `Location` in a library that is loaded.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn threadbook_std_bridge_location(address: usize, column: &mut u32) -> u32 {
    // SAFETY: the caller's promise; locations are constants, so they live and stay as they are.
    let location: &Location = unsafe { &*std::ptr::with_exposed_provenance(address) };
    *column = location.column();
    location.line()
}

fn on_panic(info: &PanicHookInfo) {
    let message = info
        .payload_as_str()
        .unwrap_or("a value that is not text")
        .to_owned();
    if let Some(services) = SERVICES.get() {
        let place = info.location().map_or(0, |at| (&raw const *at).addr());
        // SAFETY: the text lives until the call returns.
        unsafe { (services.explore_panic)(place, message.as_ptr(), message.len()) };
    }
    if CELL_OF.get() == std::process::id() {
        let earlier = last_panic().replace(Panic::at(message, info.location()));
        // The cell went on after the earlier panic, so it caught it.
        if let Some(earlier) = earlier {
            earlier.print(MAIN_THREAD);
        }
        return;
    }
    let thread = std::thread::current();
    let name = thread.name().unwrap_or("<unnamed>");
    Panic::at(message, info.location()).print(name);
}

fn last_panic() -> std::sync::MutexGuard<'static, Option<Panic>> {
    LAST_PANIC.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}

/// Sends a record of rich output. Returns 0, or an errno value.
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

/// Asks the user for a line. Returns its length, or a negative errno value.
///
/// # Safety
/// `prompt` points to `length` readable bytes, `buffer` to room for `capacity` bytes.
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

/// Holds the output that the calling thread writes to, for another thread that works for it. Returns
/// null when there is none.
#[unsafe(no_mangle)]
pub extern "C" fn threadbook_output_hold() -> *const Output {
    SERVICES
        .get()
        .map_or(ptr::null(), |services| (services.hold)())
}

/// Diverts the calling thread to a held output, or with null back to the running cell. Returns the
/// previous one.
///
/// # Safety
/// `output` is null or held.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn threadbook_output_enter(output: *const Output) -> *const Output {
    SERVICES
        .get()
        .map_or(ptr::null(), |services| (services.enter)(output))
}

/// Releases a held output.
///
/// # Safety
/// `output` is null or held, and no thread is diverted to it any more.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn threadbook_output_release(output: *const Output) {
    if let Some(services) = SERVICES.get() {
        (services.release)(output);
    }
}

/// Records that the calling thread is about to wait in a loop of short waits. Returns the record's number, or -1.
#[unsafe(no_mangle)]
pub extern "C" fn threadbook_wait_begin(kind: u32, subject: usize, is_timed: c_int) -> c_int {
    // SAFETY: the function takes three integers.
    SERVICES.get().map_or(-1, |services| unsafe { (services.wait_begin)(kind, subject, is_timed) })
}

/// Ends a record of the calling thread.
#[unsafe(no_mangle)]
pub extern "C" fn threadbook_wait_end(record: c_int) {
    if let Some(services) = SERVICES.get() {
        (services.wait_end)(record);
    }
}

/// Returns the number that says whether a cell is watched or explored, or null.
#[unsafe(no_mangle)]
pub extern "C" fn threadbook_watch_switch() -> *const AtomicU8 {
    SERVICES.get().map_or(ptr::null(), |services| (services.watch_switch)())
}

/// Records what the code of a watched cell does (`watched_std/events.rs`), to something in memory of this process or in memory that
/// processes share.
#[unsafe(no_mangle)]
pub extern "C" fn threadbook_watch_event(kind: u32, subject: usize, is_shared: bool, place: usize) {
    if let Some(services) = SERVICES.get() {
        (services.watch_event)(kind, subject, is_shared, place);
    }
}

/// Begins an access to a value, in memory of this process or in memory that processes share.
#[unsafe(no_mangle)]
pub extern "C" fn threadbook_watch_access(address: usize, is_shared: bool) -> usize {
    SERVICES.get().map_or(0, |services| (services.watch_access)(address, is_shared))
}

/// Ends an access.
#[unsafe(no_mangle)]
pub extern "C" fn threadbook_watch_accessed(number: usize, access: u32, place: usize) {
    if let Some(services) = SERVICES.get() {
        (services.watch_accessed)(number, access, place);
    }
}

/// Tells the name of the calling thread, of which the system may keep only the beginning.
///
/// # Safety
/// `name` points to `length` readable bytes of UTF-8.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn threadbook_thread_name(name: *const u8, length: usize) {
    if let Some(services) = SERVICES.get() {
        (services.thread_name)(name, length);
    }
}

/// Returns when the calling thread of an explored cell is to make a step, or false if the step's time is over instead.
///
/// # Safety
/// As the runtime's function (`src/runtime/schedule/mod.rs`).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn threadbook_explore_step(step: *const ExploreStep) -> bool {
    // SAFETY: the caller's promise.
    SERVICES.get().is_none_or(|services| unsafe { (services.explore_step)(step) })
}

/// Says what the last step of the calling thread was in the end, and what it read and wrote.
#[unsafe(no_mangle)]
pub extern "C" fn threadbook_explore_result(kind: u32, from: u64, from_high: u64, to: u64, to_high: u64) {
    if let Some(services) = SERVICES.get() {
        (services.explore_result)(kind, from, from_high, to, to_high);
    }
}
