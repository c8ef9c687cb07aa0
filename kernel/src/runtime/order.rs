//! Keeps stdout and stderr in the order in which they were written.
//!
//! They are two pipes, and a reader cannot tell which of two full pipes was filled first. So the
//! writer waits: before a process of the notebook writes to one stream after the other, it lets
//! the reader empty the other pipe. Everything that writes through the C library's `write` and
//! `writev` takes part, which is all Rust code in cells and in the processes that they fork; the
//! dynamic linker finds the definitions below before those of libc. A program that a cell starts
//! by exec does not, its streams are read as they come.
//!
//! The wait happens only at a change of stream, and is bounded, so that a writer is never stuck
//! behind a reader that has gone.

use anyhow::Result;
use std::io::{self, PipeReader};
use std::os::fd::{AsRawFd, RawFd};
use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};
use std::sync::atomic::{AtomicPtr, AtomicU32, AtomicU64};

/// Shared by the runtime and all processes that it forks.
struct Shared {
    /// The descriptor that was written to last: 1 or 2, at first 0.
    last: AtomicU32,
    /// Counts the reader's reads; writers sleep on it.
    reads: AtomicU32,
    /// The inodes of the pipes on descriptors 1 and 2; a cell may put something else there.
    inodes: [AtomicU64; 2],
}

static SHARED: AtomicPtr<Shared> = AtomicPtr::new(std::ptr::null_mut());

/// How long a writer waits for the reader at most, in nanoseconds.
const PATIENCE: i64 = 500_000_000;

/// Starts to keep the order of what is written into the two pipes.
pub fn start(stdout: &PipeReader, stderr: &PipeReader) -> Result<()> {
    // SAFETY: an anonymous mapping touches no memory of ours; its zeroed pages are a valid
    // `Shared`, which has only atomics.
    let page = unsafe {
        libc::mmap(
            std::ptr::null_mut(),
            size_of::<Shared>(),
            libc::PROT_READ | libc::PROT_WRITE,
            libc::MAP_SHARED | libc::MAP_ANONYMOUS,
            -1,
            0,
        )
    };
    if page == libc::MAP_FAILED {
        return Err(io::Error::last_os_error().into());
    }
    let page = page.cast::<Shared>();
    // SAFETY: mapped above, and never unmapped.
    let shared = unsafe { &*page };
    shared.inodes[0].store(inode(stdout.as_raw_fd()), Relaxed);
    shared.inodes[1].store(inode(stderr.as_raw_fd()), Relaxed);
    SHARED.store(page, Release);
    Ok(())
}

/// Wakes the writers that wait for a pipe to be empty; the reader calls it after each read.
pub fn has_read() {
    if let Some(shared) = shared() {
        shared.reads.fetch_add(1, Release);
        futex(&shared.reads, libc::FUTEX_WAKE, i32::MAX as u32, None);
    }
}

fn shared() -> Option<&'static Shared> {
    // SAFETY: null, or the mapping made by `start`, which stays.
    unsafe { SHARED.load(Acquire).as_ref() }
}

/// Waits until the other stream's pipe is empty, if it was the last one written to.
fn before_write(fd: RawFd) {
    let Some(shared) = shared() else { return };
    if fd != 1 && fd != 2 {
        return;
    }
    let other = 3 - fd;
    let last = shared.last.swap(fd as u32, Relaxed);
    if last != other as u32 || !is_ours(shared, fd) || !is_ours(shared, other) {
        return;
    }
    let deadline = now() + PATIENCE;
    loop {
        let reads = shared.reads.load(Acquire);
        if unread(other) == 0 {
            return;
        }
        let left = deadline - now();
        if left <= 0 {
            return;
        }
        futex(&shared.reads, libc::FUTEX_WAIT, reads, Some(left));
    }
}

fn is_ours(shared: &Shared, fd: RawFd) -> bool {
    inode(fd) == shared.inodes[fd as usize - 1].load(Relaxed)
}

fn inode(fd: RawFd) -> u64 {
    // SAFETY: `fstat` fills the structure it is given, or fails.
    unsafe {
        let mut stat: libc::stat = std::mem::zeroed();
        if libc::fstat(fd, &mut stat) != 0 {
            0
        } else {
            stat.st_ino
        }
    }
}

/// Bytes in the pipe behind `fd` (pipe(7)).
fn unread(fd: RawFd) -> i32 {
    let mut bytes: libc::c_int = 0;
    // SAFETY: FIONREAD stores one int.
    unsafe { libc::ioctl(fd, libc::FIONREAD, &mut bytes) };
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
    before_write(fd);
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
    before_write(fd);
    // SAFETY: the caller's promise is the system call's condition.
    unsafe { libc::syscall(libc::SYS_writev, fd, parts, count) as libc::ssize_t }
}
