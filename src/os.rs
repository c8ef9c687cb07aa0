//! System calls for processes: the portable ones here, the others in `linux` and, for systems without them, in
//! `fallback`.

use std::cell::Cell;
use std::io;
use std::os::fd::{AsRawFd, BorrowedFd};
use std::sync::Once;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::time::{Duration, Instant};

#[cfg(not(target_os = "linux"))]
mod fallback;
mod fd_passing;
#[cfg(target_os = "linux")]
mod linux;
mod thread;

#[cfg(not(target_os = "linux"))]
pub(crate) use fallback::*;
pub(crate) use fd_passing::{recv_fds, send_fds};
#[cfg(target_os = "linux")]
pub(crate) use linux::*;
pub(crate) use thread::{set_name, spawn_thread};

/// This process's id; 0 before the first use, and again in a forked child.
static PROCESS_ID: AtomicU32 = AtomicU32::new(0);

/// This process's key; 0 before the first use, and again in a forked child.
static PROCESS_KEY: AtomicU64 = AtomicU64::new(0);

thread_local! {
    /// This thread's key; 0 before the first use, and again in a forked child.
    static THREAD_KEY: Cell<u64> = const { Cell::new(0) };
}

/// Returns this process's id, as [`std::process::id`] but without a system call.
#[inline]
pub(crate) fn process_id() -> u32 {
    match PROCESS_ID.load(Ordering::Relaxed) {
        0 => init_process_id(),
        id => id,
    }
}

#[cold]
fn init_process_id() -> u32 {
    reset_ids_in_children();
    let id = std::process::id();
    PROCESS_ID.store(id, Ordering::Relaxed);
    id
}

/// Returns a number that no other thread has had since the machine was started. The low 31 bits are a thread id and
/// never zero; bit 31 is free. [`thread_has_ended`] takes the key, in any process. Only the first call is a system
/// call.
#[inline]
pub(crate) fn thread_key() -> u64 {
    match THREAD_KEY.get() {
        0 => init_thread_key(),
        key => key,
    }
}

#[cold]
fn init_thread_key() -> u64 {
    reset_ids_in_children();
    let key = new_thread_key();
    THREAD_KEY.set(key);
    key
}

/// Returns the key of this process's main thread, with the same guarantees. [`thread_has_ended`] with this key says
/// whether the process has exited.
pub(crate) fn process_key() -> u64 {
    match PROCESS_KEY.load(Ordering::Relaxed) {
        0 => {
            let key = key_of_process(process_id());
            PROCESS_KEY.store(key, Ordering::Relaxed);
            key
        }
        key => key,
    }
}

/// Registers the reset of the cached ids. This comes before anything is cached, so no fork leaves a child with its
/// parent's ids, not even one that this crate does not make.
fn reset_ids_in_children() {
    extern "C" fn forget() {
        PROCESS_ID.store(0, Ordering::Relaxed);
        PROCESS_KEY.store(0, Ordering::Relaxed);
        THREAD_KEY.with(|key| key.set(0));
    }
    static REGISTERED: Once = Once::new();
    REGISTERED.call_once(|| {
        // SAFETY: `forget` stores three integers and nothing else: two in statics, one in a thread-local that needs no
        // initialisation. This library is never unloaded.
        let error = unsafe { libc::pthread_atfork(None, None, Some(forget)) };
        assert_eq!(error, 0, "no memory to register a function for forks");
    });
}

/// Returns whether `fd`, the write end of a pipe, has no reader any more.
pub(crate) fn has_no_reader(fd: BorrowedFd<'_>) -> bool {
    // Linux reports POLLERR, macOS POLLHUP.
    poll_now(fd, 0) & (libc::POLLERR | libc::POLLHUP) != 0
}

/// Returns whether `fd` is readable, or closed at its other end, now.
pub(crate) fn is_readable(fd: BorrowedFd<'_>) -> bool {
    poll_now(fd, libc::POLLIN) != 0
}

/// Returns what `poll` reports for `fd` now.
fn poll_now(fd: BorrowedFd<'_>, events: libc::c_short) -> libc::c_short {
    let mut poll = libc::pollfd {
        fd: fd.as_raw_fd(),
        events,
        revents: 0,
    };
    // SAFETY: the pointer and the count describe the one `pollfd` above. An error leaves `revents` zero.
    unsafe { libc::poll(&raw mut poll, 1, 0) };
    poll.revents
}

/// Blocks until `fd` is readable or closed at its other end, or until `deadline` (None: no limit). Returns whether it
/// is.
pub(crate) fn wait_readable_until(fd: BorrowedFd<'_>, deadline: Option<Instant>) -> bool {
    loop {
        let limit = match deadline {
            None => -1,
            Some(deadline) => milliseconds(deadline.saturating_duration_since(Instant::now())),
        };
        if wait_readable(fd, limit) {
            return true;
        }
        if deadline.is_some_and(|deadline| deadline <= Instant::now()) {
            return false;
        }
    }
}

/// Rounds up, so that a wait of this length is not too short, and clamps to what `poll` can take.
fn milliseconds(time: Duration) -> libc::c_int {
    libc::c_int::try_from(time.as_nanos().div_ceil(1_000_000)).unwrap_or(libc::c_int::MAX)
}

/// Makes reads or writes of `fd` return `WouldBlock` instead of blocking.
pub(crate) fn set_nonblocking(fd: BorrowedFd<'_>) -> io::Result<()> {
    // SAFETY: the descriptor is open, and both calls take integers.
    let result = unsafe {
        match libc::fcntl(fd.as_raw_fd(), libc::F_GETFL) {
            -1 => -1,
            flags => libc::fcntl(fd.as_raw_fd(), libc::F_SETFL, flags | libc::O_NONBLOCK),
        }
    };
    match result {
        -1 => Err(io::Error::last_os_error()),
        _ => Ok(()),
    }
}

/// Blocks until there is room to write, or until `deadline`. Returns whether there is.
pub(crate) fn wait_writable_until(fd: BorrowedFd<'_>, deadline: Instant) -> bool {
    wait_event(
        fd,
        libc::POLLOUT,
        milliseconds(deadline.saturating_duration_since(Instant::now())),
    )
}

/// Blocks until `fd` is readable or closed at its other end, for at most `limit` milliseconds (-1: no limit). Returns
/// whether it is.
pub(crate) fn wait_readable(fd: BorrowedFd<'_>, limit: libc::c_int) -> bool {
    wait_event(fd, libc::POLLIN, limit)
}

fn wait_event(fd: BorrowedFd<'_>, event: libc::c_short, limit: libc::c_int) -> bool {
    let deadline = u64::try_from(limit)
        .ok()
        .and_then(|limit| Instant::now().checked_add(Duration::from_millis(limit)));
    let mut poll = libc::pollfd {
        fd: fd.as_raw_fd(),
        events: event,
        revents: 0,
    };
    let mut left = limit;
    loop {
        // SAFETY: the pointer and the count describe the one `pollfd` above.
        match unsafe { libc::poll(&raw mut poll, 1, left) } {
            0 => return false,
            1.. => return true,
            _ if io::Error::last_os_error().kind() == io::ErrorKind::Interrupted => {}
            _ => return false,
        }
        if let Some(deadline) = deadline {
            left = milliseconds(deadline.saturating_duration_since(Instant::now()));
        }
    }
}
