//! Reading from stdin in a cell asks the user for a line.
//!
//! The helper crate's `input` calls [`ask`]; `std::io::stdin()` reads from descriptor 0, where the
//! definition of `read` below comes before that of libc. Only the runtime itself asks: a process
//! that a cell has forked reads the end of /dev/null, as Python's does.

use super::output_commands::Question;
use super::output_thread::OutputThread;
use std::ptr;
use std::sync::atomic::Ordering::{Acquire, Release};
use std::sync::atomic::{AtomicPtr, AtomicU32};
use std::sync::{Mutex, PoisonError};

/// Where questions go.
struct Asker {
    output_thread: OutputThread,
    /// The rest of a line that was longer than its reader's buffer.
    rest: Mutex<Vec<u8>>,
}

static ASKER: AtomicPtr<Asker> = AtomicPtr::new(ptr::null_mut());

/// The process that asks.
static RUNTIME: AtomicU32 = AtomicU32::new(0);

/// Lets this process ask through `output_thread` from now on.
pub fn start(output_thread: &OutputThread) {
    let asker = Box::new(Asker {
        output_thread: output_thread.clone(),
        rest: Mutex::default(),
    });
    // A copy of the runtime makes a new one: a thread that it does not have may have been inside
    // of the old one, which is therefore left as it is.
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

/// What the helper crate calls to ask for a line. Gives the length of the answer, whose first
/// `capacity` bytes are in `buffer`, or a negative errno value.
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

/// Reads a line from the user; nothing, which is the end of the file, when nobody can be asked.
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

/// Whether descriptor 0 is /dev/null, where the runtime has put it, and not what a cell may have
/// put there.
fn nothing_on_stdin() -> bool {
    // SAFETY: `fstat` fills the structure it is given, or fails.
    unsafe {
        let mut stat: libc::stat = std::mem::zeroed();
        libc::fstat(0, &mut stat) == 0
            && stat.st_mode & libc::S_IFMT == libc::S_IFCHR
            && stat.st_rdev == libc::makedev(1, 3)
    }
}

/// The C library's `read`, for this process and all libraries in it.
///
/// # Safety
/// As read(2): `buffer` has room for `count` bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn read(
    fd: libc::c_int,
    buffer: *mut libc::c_void,
    count: libc::size_t,
) -> libc::ssize_t {
    if fd == 0
        && count > 0
        && let Some(asker) = asker()
        && nothing_on_stdin()
    {
        // SAFETY: the caller's promise; the bytes are zeroed first, so that they are valid for a
        // slice.
        let buffer = unsafe {
            ptr::write_bytes(buffer.cast::<u8>(), 0, count);
            std::slice::from_raw_parts_mut(buffer.cast::<u8>(), count)
        };
        return read_line(asker, buffer) as libc::ssize_t;
    }
    // SAFETY: the caller's promise is the system call's condition.
    unsafe { libc::syscall(libc::SYS_read, fd, buffer, count) as libc::ssize_t }
}
