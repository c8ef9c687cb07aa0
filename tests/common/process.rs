//! The system's processes, as proc(5) shows them.

use std::io;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::time::{Duration, Instant};

/// A process that was there when it was looked for.
#[derive(Clone, Debug)]
pub struct Process {
    pub id: u32,
    /// Its arguments, the first of which is the program.
    pub arguments: Vec<String>,
}

impl Process {
    /// The id of its parent; `None` when it has ended.
    pub fn parent(&self) -> Option<u32> {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.id)).ok()?;
        // The name before it is in brackets and may hold anything.
        stat.rsplit_once(") ")?.1.split(' ').nth(1)?.parse().ok()
    }
}

impl std::fmt::Display for Process {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        write!(f, "{}: {}", self.id, self.arguments.join(" "))
    }
}

/// All processes that can be looked at.
pub fn all() -> Vec<Process> {
    let entries = std::fs::read_dir("/proc").expect("/proc");
    let ids = entries.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
    // One that has ended meanwhile has no command line, as has one that nobody has waited for.
    ids.filter_map(|id| {
        let line = std::fs::read(format!("/proc/{id}/cmdline"))
            .ok()
            .filter(|line| !line.is_empty())?;
        let arguments = line
            .split(|byte| *byte == 0)
            .map(|text| String::from_utf8_lossy(text).into_owned());
        Some(Process {
            id,
            arguments: arguments.collect(),
        })
    })
    .collect()
}

/// A process's resident memory in megabytes (proc(5)).
pub fn memory(id: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{id}/status")).expect("a process");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kilobytes = line.expect("VmRSS").trim().trim_end_matches(" kB");
    kilobytes.parse::<u64>().expect("a number") / 1024
}

/// Sends a signal.
pub fn signal(id: u32, signal: i32) {
    // SAFETY: kill has no memory effects.
    let failed = unsafe { libc::kill(id.cast_signed(), signal) };
    assert_eq!(failed, 0, "kill {id}: {}", io::Error::last_os_error());
}

/// A process that can be waited for although it is not a child of ours (pidfd_open(2)).
pub struct Watched(Option<OwnedFd>);

impl Watched {
    /// Watches a process; one that has ended already is over at once.
    pub fn open(id: u32) -> Watched {
        // SAFETY: the call takes two integers.
        let fd = unsafe { libc::syscall(libc::SYS_pidfd_open, id.cast_signed(), 0) };
        // SAFETY: a number that is not negative is a new descriptor, which is ours.
        Watched(
            i32::try_from(fd)
                .ok()
                .filter(|fd| *fd >= 0)
                .map(|fd| unsafe { OwnedFd::from_raw_fd(fd) }),
        )
    }

    /// Whether the process has ended by then.
    pub fn ends_before(&self, end: Instant) -> bool {
        let Some(fd) = &self.0 else { return true };
        let left = end
            .saturating_duration_since(Instant::now())
            .max(Duration::from_millis(1));
        let mut wanted = libc::pollfd {
            fd: fd.as_raw_fd(),
            events: libc::POLLIN,
            revents: 0,
        };
        // SAFETY: one pollfd, which lives until the call returns.
        let ready = unsafe { libc::poll(&raw mut wanted, 1, left.as_millis() as i32) };
        ready == 1
    }
}

/// The living processes of a process group.
pub fn in_group(group: u32) -> Vec<Process> {
    let is_member = |process: &Process| {
        // SAFETY: getpgid takes an integer; a process that has ended has no group.
        unsafe { libc::getpgid(process.id.cast_signed()) == group.cast_signed() }
    };
    all().into_iter().filter(is_member).collect()
}
