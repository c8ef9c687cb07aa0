//! The calls that only Linux has, each in a function of its own.

use std::io::{self, Read};
use std::os::fd::{FromRawFd, OwnedFd};
use std::os::unix::fs::MetadataExt;
use std::sync::atomic::AtomicU32;
use std::time::Duration;

/// The calling thread's id, unique on the machine while the thread lives and never above 2^22.
fn thread_id() -> u32 {
    // SAFETY: gettid takes no arguments and cannot fail.
    unsafe { libc::gettid() as u32 }
}

/// Whether the caller is the first thread of its process. In a forked child that is the thread that forked.
pub(crate) fn on_main_thread() -> bool {
    thread_id() == std::process::id()
}

/// The thread's id, and above it when the thread began, since ids are used again.
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

/// Whether the thread with this key, of any process, has ended. One that was killed but not yet waited for has.
pub(crate) fn thread_has_ended(key: u64) -> bool {
    let (tid, began) = (key as u32, (key >> 32) as u32);
    // SAFETY: signal 0 is never delivered; the call only looks the id up.
    let found = unsafe { libc::kill(tid as libc::pid_t, 0) } == 0;
    if !found && io::Error::last_os_error().raw_os_error() == Some(libc::ESRCH) {
        return true;
    }
    stat(tid).is_some_and(|now| now.ended || (began != 0 && now.began != began))
}

/// What the system says of a thread.
struct Stat {
    name: String,
    ended: bool,
    /// It still exists but runs no code of the program any more.
    ending: bool,
    /// Clock ticks from the start of the machine to that of the thread, the low 32 bits; about one in 10 ms.
    began: u32,
}

/// None if there is no such thread, or no /proc.
fn stat(tid: u32) -> Option<Stat> {
    const PF_EXITING: u64 = 4;

    let mut text = [0; 1024];
    // A file of /proc comes whole if there is room for it: at most 52 numbers, and a name of 15 bytes.
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

/// The names (their first 15 bytes) of this process's other threads, without those that are about to end.
pub(crate) fn other_threads() -> Vec<String> {
    const TASKS: &str = "/proc/self/task";
    // A folder has a link to it from each folder inside, from itself and from the one above. To ask is faster than to read it.
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
        // A thread that was joined may be seen here for a moment.
        .filter_map(|tid| stat(tid).filter(|stat| !stat.ended && !stat.ending))
        .map(|stat| stat.name)
        .collect()
}

/// Sleeps until someone wakes `word`, its value is no longer `seen`, or `limit` has passed.
/// `word` may lie in memory that several processes share. True: one of those whom [`futex_wake`] counts was this thread.
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
    // SAFETY: the caller answers for `word`, and `limit` outlives the call. The system reads the word and
    // nothing else. Every way to return (woken, value differs, time over, signal) means the same to the caller: look again.
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

/// Wakes at most `count` threads, of any process, that sleep in [`futex_wait`] on `word`. How many.
pub(crate) fn futex_wake(word: &AtomicU32, count: i32) -> u32 {
    futex_wake_at(word.as_ptr(), count)
}

/// [`futex_wake`] on a word that is half of a larger atomic. The address is a name only: nothing is read.
pub(crate) fn futex_wake_at(word: *mut u32, count: i32) -> u32 {
    // SAFETY: the system compares the address with those of sleepers; a wrong one wakes no one.
    let woken = unsafe { libc::syscall(libc::SYS_futex, word, libc::FUTEX_WAKE, count) };
    u32::try_from(woken).unwrap_or(0)
}

/// Asks for SIGKILL when the thread that forked this process ends.
pub(crate) fn kill_me_when_parent_thread_ends() -> io::Result<()> {
    // SAFETY: PR_SET_PDEATHSIG reads one integer argument.
    match unsafe { libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL as libc::c_ulong) } {
        0 => Ok(()),
        _ => Err(io::Error::last_os_error()),
    }
}

/// Whether [`kill_me_when_parent_thread_ends`] is there.
pub(crate) const HAS_DEATH_SIGNAL: bool = true;

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
