//! Keeps all that a cell puts out in the order in which it was written.
//!
//! There are three ways out, two pipes for the streams and a socket for rich output, and a reader
//! cannot tell which of two of them was filled first. So the writer waits: before a process of the
//! notebook takes another channel than the last time, it lets the reader empty that one. Everything
//! that writes through the C library's `write` and `writev` takes part, which is all Rust code in
//! cells and in the processes that they fork; the dynamic linker finds the definitions below
//! before those of libc. A program that a cell starts by exec does not, its streams are read as
//! they come.
//!
//! The wait happens only at a change, and is bounded, so that a writer is never stuck behind a
//! reader that has gone.

use super::cell_output::{self, CellOutput};
use super::display_socket;
use super::shared_memory;
use anyhow::Result;
use std::os::fd::RawFd;
use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};
use std::sync::atomic::{AtomicPtr, AtomicU32};

/// Shared by the runtime and all processes that it forks.
struct Shared {
    /// Counts the reader's reads; writers sleep on it.
    reads: AtomicU32,
    /// The channel that was taken last, for each cell: [`OutputChannel`] as a number, at first 0. Cells that
    /// are so far apart share a place, which at worst makes one of them wait for nothing.
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

/// How long a writer waits for the reader at most, in nanoseconds.
const DRAIN_TIMEOUT_NS: i64 = 500_000_000;

/// Starts to keep the order.
pub fn start() -> Result<()> {
    let shared = shared_memory::share::<Shared>()?;
    SHARED.store(std::ptr::from_ref(shared).cast_mut(), Release);
    Ok(())
}

/// Wakes the writers that wait for a channel to be empty; the reader calls it after each read.
pub fn has_read() {
    if let Some(shared) = shared() {
        shared.reads.fetch_add(1, Release);
        futex(&shared.reads, libc::FUTEX_WAKE, i32::MAX as u32, None);
    }
}

/// Waits until the channel that was taken last is empty, if it is another one. `is_taken` tells
/// whether what is written now really goes that channel; asked only at a change.
pub fn before(output: &CellOutput, channel: OutputChannel, is_taken: impl FnOnce() -> bool) {
    let Some(shared) = shared() else { return };
    let place = &shared.last[output.cell as usize % shared.last.len()];
    let last = match place.swap(channel as u32, Relaxed) {
        1 => OutputChannel::Stdout,
        2 => OutputChannel::Stderr,
        3 => OutputChannel::Display,
        _ => return,
    };
    if last == channel || !is_taken() {
        return;
    }
    let deadline = now() + DRAIN_TIMEOUT_NS;
    loop {
        let reads = shared.reads.load(Acquire);
        if unread(output, last) == 0 {
            return;
        }
        let left = deadline - now();
        if left <= 0 {
            return;
        }
        futex(&shared.reads, libc::FUTEX_WAIT, reads, Some(left));
    }
}

fn shared() -> Option<&'static Shared> {
    // SAFETY: null, or the mapping made by `start`, which stays.
    unsafe { SHARED.load(Acquire).as_ref() }
}

/// Where bytes for a descriptor really go. Waits for its turn if that is a stream of a cell.
fn place_for(fd: RawFd) -> RawFd {
    let channel = match fd {
        1 => OutputChannel::Stdout,
        2 => OutputChannel::Stderr,
        _ => return fd,
    };
    let Some((output, is_diverted)) = cell_output::of_this_thread() else {
        return fd;
    };
    // A cell may have put something else there.
    before(output, channel, || is_diverted || output.is_on(fd));
    if is_diverted { output.pipe(fd) } else { fd }
}

/// Bytes that are on their channel (pipe(7), unix(7)).
fn unread(output: &CellOutput, channel: OutputChannel) -> libc::c_int {
    let (fd, question) = match channel {
        OutputChannel::Stdout | OutputChannel::Stderr => {
            (output.pipe(channel as RawFd), libc::FIONREAD)
        }
        OutputChannel::Display => (display_socket::socket(), libc::TIOCOUTQ),
    };
    let mut bytes: libc::c_int = 0;
    // SAFETY: both questions store one int.
    unsafe { libc::ioctl(fd, question, &mut bytes) };
    bytes
}

fn now() -> i64 {
    // SAFETY: `clock_gettime` fills the structure it is given.
    unsafe {
        let mut time: libc::timespec = std::mem::zeroed();
        libc::clock_gettime(libc::CLOCK_MONOTONIC, &mut time);
        time.tv_sec * 1_000_000_000 + time.tv_nsec
    }
}

/// futex(2) on memory that processes share.
fn futex(word: &AtomicU32, operation: libc::c_int, value: u32, nanoseconds: Option<i64>) {
    let timeout = nanoseconds.map(|left| libc::timespec {
        tv_sec: left / 1_000_000_000,
        tv_nsec: left % 1_000_000_000,
    });
    let timeout = timeout
        .as_ref()
        .map_or(std::ptr::null(), |timeout| timeout as *const _);
    // SAFETY: the word is a live atomic, the timeout null or a live structure. Waiting may end
    // for no reason; the caller looks again.
    unsafe {
        libc::syscall(libc::SYS_futex, word.as_ptr(), operation, value, timeout);
    }
}

/// The C library's `write`, for this process and all libraries in it.
///
/// # Safety
/// As write(2): `buffer` holds `count` readable bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn write(
    fd: libc::c_int,
    buffer: *const libc::c_void,
    count: libc::size_t,
) -> libc::ssize_t {
    let fd = place_for(fd);
    // SAFETY: the caller's promise is the system call's condition.
    unsafe { libc::syscall(libc::SYS_write, fd, buffer, count) as libc::ssize_t }
}

/// The C library's `writev`, for this process and all libraries in it.
///
/// # Safety
/// As writev(2): `parts` holds `count` parts, each of readable bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn writev(
    fd: libc::c_int,
    parts: *const libc::iovec,
    count: libc::c_int,
) -> libc::ssize_t {
    let fd = place_for(fd);
    // SAFETY: the caller's promise is the system call's condition.
    unsafe { libc::syscall(libc::SYS_writev, fd, parts, count) as libc::ssize_t }
}
