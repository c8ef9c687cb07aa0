//! Finds, signals and watches processes (proc(5)).

use std::io;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::time::{Duration, Instant};

/// A process that was running when `/proc` was read.
#[derive(Clone, Debug)]
pub struct Process {
    pub id: u32,
    /// Its arguments, beginning with the program.
    pub arguments: Vec<String>,
}

impl Process {
    /// Returns the id of the parent; `None` if the process has exited.
    pub fn parent(&self) -> Option<u32> {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.id)).ok()?;
        // The name before this is in parentheses and may contain anything.
        stat.rsplit_once(") ")?.1.split(' ').nth(1)?.parse().ok()
    }
}

impl std::fmt::Display for Process {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        write!(f, "{}: {}", self.id, self.arguments.join(" "))
    }
}

/// Returns all processes whose command line can be read.
pub fn all() -> Vec<Process> {
    let entries = std::fs::read_dir("/proc").expect("/proc");
    let ids = entries.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
    // Neither a zombie nor a process that has exited meanwhile has a command line.
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

/// Returns a process's resident memory in megabytes (proc(5)).
pub fn memory(id: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{id}/status")).expect("a process");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kilobytes = line.expect("VmRSS").trim().trim_end_matches(" kB");
    kilobytes.parse::<u64>().expect("a number") / 1024
}

/// Returns how long the threads of a process have computed, without its children (proc(5), `stat`).
pub fn cpu_time(id: u32) -> Duration {
    let stat = std::fs::read_to_string(format!("/proc/{id}/stat")).expect("a process");
    let (_, after_name) = stat.rsplit_once(") ").expect("a name in parentheses");
    let fields = after_name.split(' ').skip(11).take(2);
    let ticks: u64 = fields
        .map(|field| field.parse::<u64>().expect("a number"))
        .sum();
    // SAFETY: a query without pointers.
    let ticks_per_second = unsafe { libc::sysconf(libc::_SC_CLK_TCK) };
    Duration::from_secs(ticks) / u32::try_from(ticks_per_second).expect("a positive number")
}

/// Sends a signal.
pub fn signal(id: u32, signal: i32) {
    // SAFETY: kill has no memory effects.
    let failed = unsafe { libc::kill(id.cast_signed(), signal) };
    assert_eq!(failed, 0, "kill {id}: {}", io::Error::last_os_error());
}

/// A process to wait for although it is not our child (pidfd_open(2)).
pub struct Watched(Option<OwnedFd>);

impl Watched {
    /// Watches a process. One that has already exited counts as ended.
    pub fn open(id: u32) -> Watched {
        // SAFETY: the call takes two integers.
        let fd = unsafe { libc::syscall(libc::SYS_pidfd_open, id.cast_signed(), 0) };
        // SAFETY: a non-negative number is a new descriptor that nothing else owns.
        Watched(
            i32::try_from(fd)
                .ok()
                .filter(|fd| *fd >= 0)
                .map(|fd| unsafe { OwnedFd::from_raw_fd(fd) }),
        )
    }

    /// Waits until the process has exited; returns false if that has not happened by `end`.
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

/// Returns the running processes of a process group.
pub fn in_group(group: u32) -> Vec<Process> {
    let is_member = |process: &Process| {
        // SAFETY: getpgid takes an integer; a process that has exited has no group.
        unsafe { libc::getpgid(process.id.cast_signed()) == group.cast_signed() }
    };
    all().into_iter().filter(is_member).collect()
}
