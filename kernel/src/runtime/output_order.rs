//! Keeps a cell's output in the order in which it was written.
//!
//! A cell has three channels, two pipes for the streams and a socket for rich output, and a reader
//! cannot tell which of two was written first. So the writer waits: before a process of the
//! notebook switches channels, it waits until the reader has emptied the previous one. This covers
//! everything that writes through the C library's `write` and `writev`, that is, all Rust code in
//! cells and in the processes they fork: the dynamic linker finds the definitions below before
//! libc's. It does not cover a program that a cell starts by exec; its streams are read as they
//! come.
//!
//! A writer waits only when it switches channels, and for a bounded time, so it never hangs behind
//! a reader that is gone.

use super::cell_output::{self, CellOutput};
use super::clock;
use super::display_socket;
use super::shared_memory;
use super::waits::watch;
use anyhow::Result;
use std::os::fd::RawFd;
use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};
use std::sync::atomic::{AtomicPtr, AtomicU32};

/// The state that the runtime shares with all processes it forks.
struct Shared {
    /// Counts the reader's reads; writers sleep on it.
    reads: AtomicU32,
    /// The channel that each cell wrote to last: an [`OutputChannel`] as a number, 0 at first. Cells
    /// whose numbers differ by a multiple of the length share an entry; at worst one of them waits
    /// needlessly.
    last: [AtomicU32; 1023],
}

/// A channel out of a cell.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum OutputChannel {
    Stdout = 1,
    Stderr = 2,
    Display = 3,
}

static SHARED: AtomicPtr<Shared> = AtomicPtr::new(std::ptr::null_mut());

/// The longest time that a writer waits for the reader, in nanoseconds.
const DRAIN_TIMEOUT_NS: i64 = 500_000_000;

/// Starts to keep the order; without it writers never wait.
pub fn start() -> Result<()> {
    let shared = shared_memory::share::<Shared>()?;
    SHARED.store(std::ptr::from_ref(shared).cast_mut(), Release);
    Ok(())
}

/// Wakes the writers that wait for an empty channel. The reader calls it after each read.
pub fn notify_read() {
    if let Some(shared) = shared() {
        shared.reads.fetch_add(1, Release);
        futex(&shared.reads, libc::FUTEX_WAKE, i32::MAX as u32, None);
    }
}

/// Waits until the cell's previous channel is empty, if it is not `channel`. `is_taken`, called only
/// when the channel changes, tells whether the coming write really goes to `channel`.
pub fn wait_for_turn(output: &CellOutput, channel: OutputChannel, is_taken: impl FnOnce() -> bool) {
    let Some(shared) = shared() else { return };
    let entry = &shared.last[output.cell as usize % shared.last.len()];
    let last = match entry.swap(channel as u32, Relaxed) {
        1 => OutputChannel::Stdout,
        2 => OutputChannel::Stderr,
        3 => OutputChannel::Display,
        _ => return,
    };
    if last == channel || !is_taken() {
        return;
    }
    let deadline = clock::now() + DRAIN_TIMEOUT_NS;
    loop {
        let reads = shared.reads.load(Acquire);
        if unread(output, last) == 0 {
            return;
        }
        let remaining = deadline - clock::now();
        if remaining <= 0 {
            return;
        }
        futex(&shared.reads, libc::FUTEX_WAIT, reads, Some(remaining));
    }
}

fn shared() -> Option<&'static Shared> {
    // SAFETY: null, or the mapping made by `start`, which is never unmapped.
    unsafe { SHARED.load(Acquire).as_ref() }
}

/// Returns the descriptor that bytes for `fd` really go to. Waits for its turn if that is a stream of
/// a cell.
fn redirected(fd: RawFd) -> RawFd {
    let channel = match fd {
        1 => OutputChannel::Stdout,
        2 => OutputChannel::Stderr,
        _ => return fd,
    };
    let Some((output, is_diverted)) = cell_output::current() else {
        return fd;
    };
    watch::prints();
    // A cell may have redirected the descriptor.
    wait_for_turn(output, channel, || is_diverted || output.is_on(fd));
    if is_diverted { output.pipe(fd) } else { fd }
}

/// Returns how many bytes in the channel are unread (pipe(7), unix(7)).
fn unread(output: &CellOutput, channel: OutputChannel) -> libc::c_int {
    let (fd, request) = match channel {
        OutputChannel::Stdout | OutputChannel::Stderr => {
            (output.pipe(channel as RawFd), libc::FIONREAD)
        }
        OutputChannel::Display => (display_socket::socket(), libc::TIOCOUTQ),
    };
    let mut bytes: libc::c_int = 0;
    // SAFETY: both requests store one int.
    unsafe { libc::ioctl(fd, request, &mut bytes) };
    bytes
}

/// futex(2) on memory that processes share.
fn futex(word: &AtomicU32, operation: libc::c_int, value: u32, nanoseconds: Option<i64>) {
    let timeout = nanoseconds.map(|remaining| libc::timespec {
        tv_sec: remaining / 1_000_000_000,
        tv_nsec: remaining % 1_000_000_000,
    });
    let timeout = timeout
        .as_ref()
        .map_or(std::ptr::null(), |timeout| timeout as *const _);
    // SAFETY: the word is a live atomic, the timeout null or a live structure. Spurious wakeups are
    // possible; the caller checks again.
    unsafe {
        libc::syscall(libc::SYS_futex, word.as_ptr(), operation, value, timeout);
    }
}

/// Replaces the C library's `write` in this process and all libraries in it.
///
/// # Safety
/// As for write(2): `buffer` holds `count` readable bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn write(
    fd: libc::c_int,
    buffer: *const libc::c_void,
    count: libc::size_t,
) -> libc::ssize_t {
    let fd = redirected(fd);
    // SAFETY: the caller promises what the system call requires.
    unsafe { libc::syscall(libc::SYS_write, fd, buffer, count) as libc::ssize_t }
}

/// Replaces the C library's `writev` in this process and all libraries in it.
///
/// # Safety
/// As for writev(2): `parts` holds `count` parts, each of readable bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn writev(
    fd: libc::c_int,
    parts: *const libc::iovec,
    count: libc::c_int,
) -> libc::ssize_t {
    let fd = redirected(fd);
    // SAFETY: the caller promises what the system call requires.
    unsafe { libc::syscall(libc::SYS_writev, fd, parts, count) as libc::ssize_t }
}
