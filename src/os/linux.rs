//! The calls that only Linux has, each in a function of its own.

use std::io::{self, Read};
use std::os::fd::{FromRawFd, OwnedFd};
use std::os::unix::fs::MetadataExt;
use std::sync::atomic::AtomicU32;
use std::time::Duration;

/// Returns the calling thread's id, which is unique on the machine while the thread lives and never above 2^22.
fn thread_id() -> u32 {
    // SAFETY: gettid takes no arguments and cannot fail.
    unsafe { libc::gettid() as u32 }
}

/// Returns whether the caller is the first thread of its process. In a forked child that is the thread that forked.
pub(crate) fn on_main_thread() -> bool {
    thread_id() == std::process::id()
}

/// The thread's id, and in the upper half its start time, since ids are reused.
pub(super) fn new_thread_key() -> u64 {
    key_of(thread_id())
}

/// The key of a process's main thread.
pub(super) fn key_of_process(pid: u32) -> u64 {
    key_of(pid)
}

fn key_of(tid: u32) -> u64 {
    let began = stat(tid).map_or(0, |stat| stat.began);
    u64::from(began) << 32 | u64::from(tid)
}

/// Returns whether the thread with this key, of any process, has exited. A zombie has.
pub(crate) fn thread_has_ended(key: u64) -> bool {
    let (tid, began) = (key as u32, (key >> 32) as u32);
    // SAFETY: signal 0 is never delivered; the call only looks the id up.
    let found = unsafe { libc::kill(tid as libc::pid_t, 0) } == 0;
    if !found && io::Error::last_os_error().raw_os_error() == Some(libc::ESRCH) {
        return true;
    }
    stat(tid).is_some_and(|now| now.ended || (began != 0 && now.began != began))
}

/// What /proc says about a thread.
struct Stat {
    name: String,
    ended: bool,
    /// The thread still exists but no longer runs code of the program.
    ending: bool,
    /// The start time in clock ticks since boot, the low 32 bits; a tick is about 10 ms.
    began: u32,
}

/// Returns None if there is no such thread, or no /proc.
fn stat(tid: u32) -> Option<Stat> {
    const PF_EXITING: u64 = 4;

    let mut text = [0; 1024];
    // One read gets a file of /proc whole if the buffer is large enough. This one has at most 52 numbers, and a name of
    // 15 bytes.
    let length = std::fs::File::open(format!("/proc/{tid}/stat"))
        .and_then(|mut file| file.read(&mut text))
        .ok()?;
    let text = String::from_utf8_lossy(&text[..length]);
    // The second field is the name, in parentheses; it may hold any character.
    let (name, rest) = text.rsplit_once(") ")?;
    let fields: Vec<&str> = rest.split_ascii_whitespace().collect();
    // `rest` begins with field 3 of proc(5).
    let number = |field: usize| fields.get(field - 3)?.parse::<u64>().ok();
    Some(Stat {
        name: name.split_once('(')?.1.into(),
        ended: matches!(*fields.first()?, "Z" | "X"),
        ending: number(9)? & PF_EXITING != 0,
        began: number(22)? as u32,
    })
}

/// Returns the names (their first 15 bytes) of this process's other threads, without those that are about to exit.
pub(crate) fn other_threads() -> Vec<String> {
    const TASKS: &str = "/proc/self/task";
    // A directory's link count is 2 plus the number of its subdirectories. Asking for it is faster than reading the
    // directory.
    if std::fs::metadata(TASKS).is_ok_and(|tasks| tasks.nlink() == 1 + 2) {
        return Vec::new();
    }
    let Ok(tasks) = std::fs::read_dir(TASKS) else {
        return Vec::new();
    };
    let me = thread_id();
    tasks
        .filter_map(|task| task.ok()?.file_name().to_str()?.parse().ok())
        .filter(|&tid| tid != me)
        // A thread that was just joined may still be listed.
        .filter_map(|tid| stat(tid).filter(|stat| !stat.ended && !stat.ending))
        .map(|stat| stat.name)
        .collect()
}

/// Sleeps until someone wakes `word`, its value is no longer `seen`, or `limit` has passed. `word` may lie in shared
/// memory. Returns true if this thread is one of those that [`futex_wake`] counted.
pub(crate) fn futex_wait(word: &AtomicU32, seen: u32, limit: Duration) -> bool {
    // SAFETY: `word` is a live, aligned 32-bit word.
    unsafe { futex_wait_at(word.as_ptr(), seen, limit) }
}

/// [`futex_wait`] on a word that is half of a larger atomic.
///
/// # Safety
/// `word` is an aligned 32-bit word that lives as long as the call.
pub(crate) unsafe fn futex_wait_at(word: *mut u32, seen: u32, limit: Duration) -> bool {
    let limit = libc::timespec {
        tv_sec: limit.as_secs() as libc::time_t,
        tv_nsec: limit.subsec_nanos().into(),
    };
    // SAFETY: the caller answers for `word`, and `limit` outlives the call. The system reads the word and nothing else.
    // Every reason to return (woken, value differs, timeout, signal) means the same to the caller: check again.
    let result = unsafe {
        libc::syscall(
            libc::SYS_futex,
            word,
            libc::FUTEX_WAIT,
            seen,
            &raw const limit,
        )
    };
    result == 0
}

/// Wakes at most `count` threads, of any process, that sleep in [`futex_wait`] on `word`. Returns how many it woke.
pub(crate) fn futex_wake(word: &AtomicU32, count: i32) -> u32 {
    futex_wake_at(word.as_ptr(), count)
}

/// [`futex_wake`] on a word that is half of a larger atomic. The address is only a key: nothing is read.
pub(crate) fn futex_wake_at(word: *mut u32, count: i32) -> u32 {
    // SAFETY: the system compares the address with those of sleepers; a wrong one wakes no one.
    let woken = unsafe { libc::syscall(libc::SYS_futex, word, libc::FUTEX_WAKE, count) };
    u32::try_from(woken).unwrap_or(0)
}

/// Has the system send SIGKILL to this process when the thread that forked it exits.
pub(crate) fn kill_me_when_parent_thread_ends() -> io::Result<()> {
    // SAFETY: PR_SET_PDEATHSIG reads one integer argument.
    match unsafe { libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL as libc::c_ulong) } {
        0 => Ok(()),
        _ => Err(io::Error::last_os_error()),
    }
}

/// Whether [`kill_me_when_parent_thread_ends`] is available.
pub(crate) const HAS_DEATH_SIGNAL: bool = true;

/// Returns a descriptor that becomes readable when the process exits. It is closed on exec. Needs Linux 5.3.
pub(crate) fn pidfd(pid: u32) -> io::Result<OwnedFd> {
    // SAFETY: pidfd_open takes two integers.
    let fd = unsafe { libc::syscall(libc::SYS_pidfd_open, pid as libc::pid_t, 0) };
    if fd < 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the kernel has just given us this descriptor; nobody else owns it.
    Ok(unsafe { OwnedFd::from_raw_fd(fd as libc::c_int) })
}
