//! Asks the user for a line when a cell reads from stdin.
//!
//! The helper crate's `input` calls [`ask`]. `std::io::stdin()` calls `read` on descriptor 0, and
//! the definition below takes precedence over libc's. Only the runtime itself asks: a process that
//! a cell forked reads end of file from /dev/null, as in Python.

use super::output_commands::Question;
use super::output_thread::OutputThread;
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
use super::waits;
use std::ptr;
use std::sync::atomic::Ordering::{Acquire, Release};
use std::sync::atomic::{AtomicPtr, AtomicU32};
use std::sync::{Mutex, PoisonError};

/// Sends questions to the user.
struct Asker {
    output_thread: OutputThread,
    /// The rest of a line that was longer than its reader's buffer.
    rest: Mutex<Vec<u8>>,
}

static ASKER: AtomicPtr<Asker> = AtomicPtr::new(ptr::null_mut());

/// The id of the process that may ask.
static RUNTIME: AtomicU32 = AtomicU32::new(0);

/// Lets this process ask through `output_thread` from now on.
pub fn start(output_thread: &OutputThread) {
    let asker = Box::new(Asker {
        output_thread: output_thread.clone(),
        rest: Mutex::default(),
    });
    // A copy of the runtime makes a new one and leaves the old one alone: a thread that the copy does not have may have been
    // using it.
    ASKER.store(Box::leak(asker), Release);
    RUNTIME.store(std::process::id(), Release);
}

fn asker() -> Option<&'static Asker> {
    if RUNTIME.load(Acquire) != std::process::id() {
        return None;
    }
    // SAFETY: null, or made by `start` and never freed.
    unsafe { ASKER.load(Acquire).as_ref() }
}

/// Asks for a line, for the helper crate. Writes the answer to `buffer` and returns its length, or a
/// negative errno value; an answer longer than `capacity` is an error.
pub extern "C" fn ask(
    prompt: *const u8,
    length: usize,
    password: libc::c_int,
    buffer: *mut u8,
    capacity: usize,
) -> libc::ssize_t {
    let Some(asker) = asker() else {
        return -(libc::EPERM as libc::ssize_t);
    };
    // SAFETY: the caller passes the bytes of a live string.
    let prompt = unsafe { std::slice::from_raw_parts(prompt, length) };
    let question = Question {
        prompt: String::from_utf8_lossy(prompt).into_owned(),
        password: password != 0,
    };
    let Some(line) = asker.output_thread.ask(question) else {
        return -(libc::ENOTSUP as libc::ssize_t);
    };
    if line.len() > capacity {
        return -(libc::EMSGSIZE as libc::ssize_t);
    }
    // SAFETY: the caller's buffer has that capacity, and the line fits.
    unsafe { ptr::copy_nonoverlapping(line.as_ptr(), buffer, line.len()) };
    line.len() as libc::ssize_t
}

/// Reads a line from the user. Returns 0, end of file, when nobody can be asked.
fn read_line(asker: &Asker, buffer: &mut [u8]) -> usize {
    let rest = || asker.rest.lock().unwrap_or_else(PoisonError::into_inner);
    if rest().is_empty() {
        let Some(line) = asker.output_thread.ask(Question::default()) else {
            return 0;
        };
        let mut rest = rest();
        rest.extend_from_slice(line.as_bytes());
        rest.push(b'\n');
    }
    let mut rest = rest();
    let length = rest.len().min(buffer.len());
    for (place, byte) in buffer.iter_mut().zip(rest.drain(..length)) {
        *place = byte;
    }
    length
}

/// Returns whether descriptor 0 is still the /dev/null that the runtime put there, not something that a
/// cell put there.
fn stdin_is_dev_null() -> bool {
    // SAFETY: `fstat` fills the structure or fails.
    unsafe {
        let mut stat: libc::stat = std::mem::zeroed();
        libc::fstat(0, &mut stat) == 0
            && stat.st_mode & libc::S_IFMT == libc::S_IFCHR
            && stat.st_rdev == libc::makedev(1, 3)
    }
}

/// Replaces the C library's `read` in this process and all libraries in it.
///
/// # Safety
/// As for read(2): `buffer` has room for `count` bytes.
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
#[unsafe(naked)]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn read(
    fd: libc::c_int,
    buffer: *mut libc::c_void,
    count: libc::size_t,
) -> libc::ssize_t {
    std::arch::naked_asm!(
        "test edi, edi",
        "je {stdin}",
        "mov rcx, rdx",
        "mov rdx, rsi",
        "mov rsi, rdi",
        "mov edi, {number}",
        "jmp {waiting}",
        number = const libc::SYS_read,
        stdin = sym read_stdin,
        waiting = sym waits::waiting_syscall,
    )
}

/// Replaces the C library's `read`; where waits are not recorded.
///
/// # Safety
/// As for read(2).
#[cfg(not(all(target_os = "linux", target_arch = "x86_64")))]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn read(
    fd: libc::c_int,
    buffer: *mut libc::c_void,
    count: libc::size_t,
) -> libc::ssize_t {
    if fd == 0 {
        // SAFETY: the caller's promise.
        return unsafe { read_stdin(fd, buffer, count) };
    }
    // SAFETY: the caller promises what the system call requires.
    unsafe { libc::syscall(libc::SYS_read, fd, buffer, count) as libc::ssize_t }
}

/// [`read`] from the standard input.
///
/// # Safety
/// As for read(2).
unsafe extern "C" fn read_stdin(
    fd: libc::c_int,
    buffer: *mut libc::c_void,
    count: libc::size_t,
) -> libc::ssize_t {
    if count > 0
        && let Some(asker) = asker()
        && stdin_is_dev_null()
    {
        // SAFETY: the caller promises room for `count` bytes; they are zeroed first, so they are
        // valid for a slice.
        let buffer = unsafe {
            ptr::write_bytes(buffer.cast::<u8>(), 0, count);
            std::slice::from_raw_parts_mut(buffer.cast::<u8>(), count)
        };
        return read_line(asker, buffer) as libc::ssize_t;
    }
    // SAFETY: the caller promises what the system call requires.
    unsafe { libc::syscall(libc::SYS_read, fd, buffer, count) as libc::ssize_t }
}
