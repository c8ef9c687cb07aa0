//! The same for macOS, which lacks some of Linux's calls or keeps them private: waiters poll every 0.2 ms, and a lock
//! notices only that its owner's process has exited, not its owner's thread.

use std::io;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::Duration;

/// Returns whether the caller is the first thread of its process. In a forked child that is the thread that forked.
pub(crate) fn on_main_thread() -> bool {
    // SAFETY: takes no arguments and cannot fail.
    unsafe { libc::pthread_main_np() != 0 }
}

/// The process's id, and in the upper half the number of the thread in it.
pub(super) fn new_thread_key() -> u64 {
    static NEXT: AtomicU32 = AtomicU32::new(1);
    u64::from(NEXT.fetch_add(1, Ordering::Relaxed)) << 32 | u64::from(std::process::id())
}

/// The process's id: no thread has 0 in the upper half.
pub(super) fn key_of_process(pid: u32) -> u64 {
    u64::from(pid)
}

/// Returns whether the process of the thread with this key has exited and was reaped.
pub(crate) fn thread_has_ended(key: u64) -> bool {
    // SAFETY: signal 0 is never delivered; the call only looks the id up.
    let found = unsafe { libc::kill(key as u32 as libc::pid_t, 0) } == 0;
    !found && io::Error::last_os_error().raw_os_error() == Some(libc::ESRCH)
}

/// The names of this process's other threads, which are not known here.
pub(crate) fn other_threads() -> Vec<String> {
    Vec::new()
}

/// The longest sleep between two polls.
const POLL_INTERVAL: Duration = Duration::from_micros(200);

/// Sleeps briefly, unless the word has changed. No one wakes the sleeper, so this never returns true.
pub(crate) fn futex_wait(word: &AtomicU32, seen: u32, limit: Duration) -> bool {
    if word.load(Ordering::SeqCst) == seen {
        thread::sleep(limit.min(POLL_INTERVAL));
    }
    false
}

/// Sleeps briefly. The caller checks the word.
///
/// # Safety
/// None here: the word is not read.
pub(crate) unsafe fn futex_wait_at(_word: *mut u32, _seen: u32, limit: Duration) -> bool {
    thread::sleep(limit.min(POLL_INTERVAL));
    false
}

/// Nothing to do: waiters poll.
pub(crate) fn futex_wake(_word: &AtomicU32, _count: i32) -> u32 {
    0
}

/// Nothing to do: waiters poll.
pub(crate) fn futex_wake_at(_word: *mut u32, _count: i32) -> u32 {
    0
}

/// Whether [`kill_me_when_parent_thread_ends`] is available. Without it a thread watches the parent.
pub(crate) const HAS_DEATH_SIGNAL: bool = false;

/// Not available on this system.
pub(crate) fn kill_me_when_parent_thread_ends() -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

/// Returns a descriptor (a kqueue) that becomes readable when the process exits. Forked children do not inherit it.
pub(crate) fn pidfd(pid: u32) -> io::Result<OwnedFd> {
    // SAFETY: takes no arguments.
    let queue = unsafe { libc::kqueue() };
    if queue < 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the system has just given us this descriptor; nobody else owns it.
    let queue = unsafe { OwnedFd::from_raw_fd(queue) };
    let change = libc::kevent {
        ident: pid as usize,
        filter: libc::EVFILT_PROC,
        flags: libc::EV_ADD,
        fflags: libc::NOTE_EXIT,
        data: 0,
        udata: std::ptr::null_mut(),
    };
    // SAFETY: one change is read; no event is asked for.
    let added = unsafe {
        libc::kevent(
            queue.as_raw_fd(),
            &raw const change,
            1,
            std::ptr::null_mut(),
            0,
            std::ptr::null(),
        )
    };
    if added != -1 {
        return Ok(queue);
    }
    let error = io::Error::last_os_error();
    match error.raw_os_error() {
        // It has exited already. A pipe that no one can write to is readable.
        Some(libc::ESRCH) => Ok(io::pipe()?.0.into()),
        _ => Err(error),
    }
}
