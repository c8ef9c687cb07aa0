//! The calls that only Linux has, each in a function of its own.

use std::io;
use std::os::fd::{AsRawFd, BorrowedFd, FromRawFd, OwnedFd};
use std::sync::atomic::AtomicU32;
use std::time::Duration;

/// The calling thread's id, unique on the machine while the thread lives and never above 2^22.
pub(crate) fn thread_id() -> u32 {
    // SAFETY: gettid takes no arguments and cannot fail.
    unsafe { libc::gettid() as u32 }
}

/// Whether the caller is the first thread of its process. In a forked child that is the thread that forked.
pub(crate) fn on_main_thread() -> bool {
    thread_id() == std::process::id()
}

/// Whether a thread of any process has ended. A process that was killed but not yet waited for counts as ended.
pub(crate) fn thread_has_ended(tid: u32) -> bool {
    // SAFETY: signal 0 is never delivered; the call only looks the id up.
    let found = unsafe { libc::kill(tid as libc::pid_t, 0) } == 0;
    if !found {
        return io::Error::last_os_error().raw_os_error() == Some(libc::ESRCH);
    }
    // The state is the first field after the name, which is in parentheses and may hold any character.
    std::fs::read_to_string(format!("/proc/{tid}/stat")).is_ok_and(|stat| {
        stat.rsplit_once(") ")
            .is_some_and(|(_, rest)| rest.starts_with(['Z', 'X']))
    })
}

/// Sleeps until someone wakes `word`, its value is no longer `seen`, or `limit` has passed.
/// `word` may lie in memory that several processes share.
pub(crate) fn futex_wait(word: &AtomicU32, seen: u32, limit: Duration) {
    let limit = libc::timespec {
        tv_sec: limit.as_secs() as libc::time_t,
        tv_nsec: limit.subsec_nanos().into(),
    };
    // SAFETY: `word` is a live, aligned 32-bit word and `limit` outlives the call. Every way to return
    // (woken, value differs, time over, signal) means the same to the caller: look again.
    unsafe {
        libc::syscall(
            libc::SYS_futex,
            word.as_ptr(),
            libc::FUTEX_WAIT,
            seen,
            &raw const limit,
        )
    };
}

/// Wakes one thread, of any process, that sleeps in [`futex_wait`] on `word`.
pub(crate) fn futex_wake_one(word: &AtomicU32) {
    // SAFETY: `word` is a live, aligned 32-bit word.
    unsafe { libc::syscall(libc::SYS_futex, word.as_ptr(), libc::FUTEX_WAKE, 1) };
}

/// Asks for SIGKILL when the thread that forked this process ends.
pub(crate) fn kill_me_when_parent_thread_ends() -> io::Result<()> {
    // SAFETY: PR_SET_PDEATHSIG reads one integer argument.
    match unsafe { libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL as libc::c_ulong) } {
        0 => Ok(()),
        _ => Err(io::Error::last_os_error()),
    }
}

/// A descriptor of a process that becomes readable when the process ends. Closed on exec. Needs Linux 5.3.
pub(crate) fn pidfd(pid: u32) -> io::Result<OwnedFd> {
    // SAFETY: pidfd_open takes two integers.
    let fd = unsafe { libc::syscall(libc::SYS_pidfd_open, pid as libc::pid_t, 0) };
    if fd < 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the kernel has just given us this descriptor; nobody else owns it.
    Ok(unsafe { OwnedFd::from_raw_fd(fd as libc::c_int) })
}

/// Blocks until `fd` is readable or closed at its other end, and at most `limit` milliseconds (-1: no limit).
/// Returns whether it is.
pub(crate) fn wait_readable(fd: BorrowedFd<'_>, limit: libc::c_int) -> bool {
    let mut poll = libc::pollfd {
        fd: fd.as_raw_fd(),
        events: libc::POLLIN,
        revents: 0,
    };
    loop {
        // SAFETY: the pointer and the count describe the one `pollfd` above.
        match unsafe { libc::poll(&raw mut poll, 1, limit) } {
            0 => return false,
            1.. => return true,
            _ if io::Error::last_os_error().kind() == io::ErrorKind::Interrupted => {}
            _ => return false,
        }
    }
}
