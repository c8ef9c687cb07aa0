//! What a thread waits for, by the functions on its stack: the well-known ones of `std` and of crates that wait.

use crate::ipc::{HelperWait, Wait};
use std::fmt;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WaitReason {
    /// It does not wait.
    Running,
    Mutex,
    /// An `RwLock`, to read.
    Read,
    /// An `RwLock`, to write.
    Write,
    /// A lock of the helper crate or of a watched cell, which this thread holds.
    Lock(Option<String>),
    /// A lock of a watched cell.
    NamedLock {
        lock: String,
        holder: Option<String>,
    },
    /// A message from this channel.
    MessageFrom(String),
    /// Room in this channel.
    RoomIn(String),
    /// This condition to be notified.
    NotificationOf(String),
    Receive,
    Send,
    Barrier,
    Condvar,
    /// An event or a condition of the helper crate.
    Notification,
    /// Another thread that initialises a `OnceLock`, a `LazyLock` and the like.
    Once,
    /// The end of the thread of this name.
    Join(Option<String>),
    /// The threads of `thread::scope`.
    Scope,
    Park,
    /// The work of this executor or thread pool.
    Work(&'static str),
    /// A word in memory to change, nobody knows for what.
    Memory,
    Sleep,
    Child,
    /// A system call that waits for something from outside.
    System(&'static str),
}

/// Functions that wait, by a part of their path and by their name. The first that fits counts.
const FUNCTIONS: [(&str, &[&str], WaitReason); 19] = [
    (
        "Mutex",
        &["lock", "lock_contended", "lock_slow"],
        WaitReason::Mutex,
    ),
    (
        "RwLock",
        &["read", "read_contended", "lock_shared_slow"],
        WaitReason::Read,
    ),
    (
        "RwLock",
        &["write", "write_contended", "lock_exclusive_slow"],
        WaitReason::Write,
    ),
    ("Barrier", &["wait"], WaitReason::Barrier),
    (
        "Condvar",
        &["wait", "wait_while", "wait_until_internal"],
        WaitReason::Condvar,
    ),
    (
        "WaitGroup",
        &["wait"],
        WaitReason::Work("the threads of a `WaitGroup`"),
    ),
    ("Receiver", &["recv", "iter", "next"], WaitReason::Receive),
    ("Sender", &["send"], WaitReason::Send),
    ("mpmc", &["recv"], WaitReason::Receive),
    ("mpmc", &["send"], WaitReason::Send),
    (
        "crossbeam_channel",
        &["recv", "run_select"],
        WaitReason::Receive,
    ),
    ("crossbeam_channel", &["send"], WaitReason::Send),
    // Not `FnOnce`.
    (
        "::Once",
        &[
            "call_once",
            "call_once_force",
            "call",
            "wait",
            "get_or_init",
            "initialize",
        ],
        WaitReason::Once,
    ),
    ("LazyLock", &["force", "deref"], WaitReason::Once),
    ("thread::scoped", &["scope"], WaitReason::Scope),
    (
        "rayon",
        &[
            "wait",
            "wait_and_reset",
            "wait_until",
            "wait_until_cold",
            "sleep",
        ],
        WaitReason::Work("rayon's threads"),
    ),
    (
        "tokio",
        &["block_on", "park"],
        WaitReason::Work("a tokio task"),
    ),
    ("futures", &["block_on"], WaitReason::Work("a future")),
    ("thread", &["park"], WaitReason::Park),
];

impl WaitReason {
    /// Returns the reason for a wait below these functions, the innermost first.
    pub fn of(wait: &Wait, functions: &[String]) -> WaitReason {
        match wait {
            Wait::Running => WaitReason::Running,
            Wait::Sleep => WaitReason::Sleep,
            Wait::Child => WaitReason::Child,
            Wait::Join(name) => WaitReason::Join(name.clone()),
            Wait::Helper { kind, holder } => match kind {
                HelperWait::Lock => WaitReason::Lock(holder.clone()),
                HelperWait::Receive => WaitReason::Receive,
                HelperWait::Send => WaitReason::Send,
                HelperWait::Notification => WaitReason::Notification,
                HelperWait::Barrier => WaitReason::Barrier,
                HelperWait::Tasks => WaitReason::Work("tasks"),
            },
            Wait::SystemCall(number) => {
                WaitReason::System(number.map_or("something from outside", system_call))
            }
            // The function that the cell calls says most: a barrier waits by a condition, and that by a lock.
            Wait::Memory {
                holder: Some(holder),
            } => WaitReason::Lock(Some(holder.clone())),
            Wait::Memory { holder: None } => functions
                .iter()
                .rev()
                .find_map(|function| by_function(function))
                .unwrap_or(WaitReason::Memory),
        }
    }
}

fn by_function(function: &str) -> Option<WaitReason> {
    let function = without_arguments(function);
    let name = function.rsplit("::").next()?;
    let name = name.split('<').next().unwrap_or(name);
    let fits = |(path, names, _): &&(&str, &[&str], WaitReason)| {
        function.contains(path) && names.contains(&name)
    };
    FUNCTIONS
        .iter()
        .find(fits)
        .map(|(.., reason)| reason.clone())
}

/// Cuts the type arguments of a function off, and a closure, which belongs to the function that it is in. Types that it is a method of stay.
fn without_arguments(function: &str) -> &str {
    let mut depth = 0;
    let mut before = ' ';
    for (at, c) in function.char_indices() {
        let rest = &function[at..];
        if depth == 0 && (rest.starts_with("::<") || rest.starts_with("::{")) {
            return &function[..at];
        }
        match c {
            '<' => depth += 1,
            '>' if before != '-' => depth -= 1,
            _ => {}
        }
        before = c;
    }
    function
}

/// Returns what a system call of Linux waits for.
fn system_call(number: i64) -> &'static str {
    #[cfg(target_os = "linux")]
    match number {
        libc::SYS_read | libc::SYS_readv | libc::SYS_pread64 => return "something to read",
        libc::SYS_write | libc::SYS_writev | libc::SYS_pwrite64 => return "room to write",
        libc::SYS_recvfrom | libc::SYS_recvmsg => return "something to arrive at a socket",
        libc::SYS_sendto | libc::SYS_sendmsg => return "room in a socket",
        libc::SYS_accept | libc::SYS_accept4 => return "a client to connect",
        libc::SYS_connect => return "a connection",
        libc::SYS_ppoll | libc::SYS_pselect6 | libc::SYS_epoll_pwait => return "an event",
        libc::SYS_waitid | libc::SYS_wait4 => return "a child process to end",
        libc::SYS_clock_nanosleep | libc::SYS_nanosleep => return "time to pass",
        libc::SYS_flock | libc::SYS_fcntl => return "the lock of a file",
        #[cfg(target_arch = "x86_64")]
        libc::SYS_poll | libc::SYS_select | libc::SYS_epoll_wait => return "an event",
        _ => {}
    }
    let _ = number;
    "something from outside"
}

impl fmt::Display for WaitReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            WaitReason::Running => "nothing",
            WaitReason::Mutex => "a `Mutex`",
            WaitReason::Read => "an `RwLock`, to read",
            WaitReason::Write => "an `RwLock`, to write",
            WaitReason::Lock(Some(name)) if name != "threadbook" => {
                return write!(f, "a lock that `{name}` holds");
            }
            WaitReason::Lock(_) => "a lock",
            WaitReason::NamedLock {
                lock,
                holder: Some(holder),
            } => return write!(f, "{lock}, which {holder} holds"),
            WaitReason::NamedLock { lock, holder: None } => lock,
            WaitReason::MessageFrom(channel) => return write!(f, "a message from {channel}"),
            WaitReason::RoomIn(channel) => return write!(f, "room in {channel}"),
            WaitReason::NotificationOf(condition) => {
                return write!(f, "{condition} to be notified");
            }
            WaitReason::Notification => "an event or a condition",
            WaitReason::Receive => "a message",
            WaitReason::Send => "room for a message",
            WaitReason::Barrier => "others at a barrier",
            WaitReason::Condvar => "a `Condvar` to be notified",
            WaitReason::Once => "another thread to initialise a value",
            WaitReason::Join(Some(name)) if name != "threadbook" => {
                return write!(f, "the end of `{name}`");
            }
            WaitReason::Join(_) => "the end of a thread",
            WaitReason::Scope => "the threads of a scope",
            WaitReason::Park => "`unpark`",
            WaitReason::Work(whose) => whose,
            WaitReason::Memory => "another thread",
            WaitReason::Sleep => "time to pass (`sleep`)",
            WaitReason::Child => "a child process to end",
            WaitReason::System(what) => what,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reason(functions: &[&str]) -> WaitReason {
        let functions: Vec<String> = functions.iter().map(|&name| name.to_owned()).collect();
        let wait = Wait::Memory { holder: None };
        WaitReason::of(&wait, &functions)
    }

    #[test]
    fn type_arguments_are_no_part_of_the_name() {
        let scope = "std[e2]::thread::scoped::scope::<ctx[c1]::cell::{closure#0}, fn() -> u8>";
        assert_eq!(reason(&[scope]), WaitReason::Scope);
        let lock = "<std[e2]::sync::poison::mutex::Mutex<ctx[c1]::cell::Item>>::lock";
        assert_eq!(reason(&[lock]), WaitReason::Mutex);
    }

    #[test]
    fn the_outermost_function_that_waits_counts() {
        assert_eq!(
            reason(&[
                "std::sys::sync::mutex::futex::Mutex::lock_contended",
                "std::sync::poison::mutex::Mutex<T>::lock",
            ]),
            WaitReason::Mutex
        );
        assert_eq!(
            reason(&[
                "std::sys::sync::condvar::futex::Condvar::wait",
                "std::sync::poison::condvar::Condvar::wait_while",
                "std::sync::barrier::Barrier::wait",
            ]),
            WaitReason::Barrier
        );
        assert_eq!(
            reason(&[
                "std::thread::park",
                "std::sync::mpmc::context::Context::wait_until",
                "std::sync::mpmc::list::Channel<T>::recv",
                "std::sync::mpsc::Receiver<T>::recv",
            ]),
            WaitReason::Receive
        );
        assert_eq!(
            reason(&[
                "std::sync::poison::condvar::Condvar::wait",
                "rayon_core::latch::LockLatch::wait_and_reset",
            ]),
            WaitReason::Work("rayon's threads")
        );
        assert_eq!(reason(&["std::thread::current::park"]), WaitReason::Park);
        let initialising = "<std[e2]::sync::once_lock::OnceLock<i32>>::get_or_init::<fn() -> i32>";
        assert_eq!(reason(&[initialising]), WaitReason::Once);
        let calling = "<fn() as core[e2]::ops::function::FnOnce<()>>::call_once";
        for function in [calling, "something::else"] {
            assert_eq!(reason(&[function]), WaitReason::Memory);
        }
    }
}
