//! Ends a cell that takes more memory than it may, before the machine suffers.
//!
//! What counts is the memory of the runtime and of all processes in its group that no file backs,
//! shared pages once. How much the machine has free says nothing of that: other programs take and free memory too.

use super::limits;
use super::shared_memory;
use anyhow::Result;
use std::fs;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::Relaxed;
use std::time::{Duration, Instant};

/// Looks after the memory; its clones and those in copies of the process share what was found.
#[derive(Clone)]
pub struct MemoryWatch {
    shared: &'static Shared,
    looked: Option<Instant>,
    /// The processes of the group, and when they were listed.
    listed: Option<(Instant, Vec<u32>)>,
}

struct Shared {
    /// Bytes that the group may have.
    limit: AtomicU64,
    /// Bytes that it had when it was ended for that; 0 when it was not.
    ended_with: AtomicU64,
}

/// How often to look. Memory can be filled at some gigabytes a second.
const INTERVAL: Duration = Duration::from_millis(50);
const LONG_INTERVAL: Duration = Duration::from_secs(1);
/// How often to look for new processes. One that was just forked shares its memory with its parent.
const LIST_INTERVAL: Duration = Duration::from_millis(250);

/// When less is free, as a part of the machine's memory, a cell that has [`LARGE`] is ended
/// though it keeps its limit.
const SCARCE: f64 = 0.03;
const LARGE: f64 = 0.2;

/// The limit if none is set, as a part of the machine's memory.
const DEFAULT: f64 = 0.75;

impl MemoryWatch {
    pub fn new() -> Result<MemoryWatch> {
        let watch = MemoryWatch {
            shared: shared_memory::share::<Shared>()?,
            looked: None,
            listed: None,
        };
        watch.read_limit();
        Ok(watch)
    }

    /// Looks up the limit, which a cell may have set; between cells.
    pub fn read_limit(&self) {
        let limit = limits::memory().unwrap_or((total() as f64 * DEFAULT) as u64);
        self.shared.limit.store(limit, Relaxed);
    }

    /// How long to wait for something else before the next look, in milliseconds; between cells
    /// only what earlier ones have left running can take memory.
    pub fn poll_interval(in_cell: bool) -> libc::c_int {
        let interval = if in_cell { INTERVAL } else { LONG_INTERVAL };
        interval.as_millis() as libc::c_int
    }

    /// Ends the group of this process if it has more memory than it may.
    pub fn look(&mut self) {
        if self.looked.is_some_and(|last| last.elapsed() < INTERVAL) {
            return;
        }
        let now = Instant::now();
        self.looked = Some(now);
        let listed = self.listed.take();
        let (since, processes) = listed
            .filter(|(since, _)| now - *since < LIST_INTERVAL)
            .unwrap_or_else(|| (now, processes_of_group()));
        let limit = self.shared.limit.load(Relaxed);
        let has = memory_of(&processes, limit);
        self.listed = Some((since, processes));
        let scarce = (free() as f64) < total() as f64 * SCARCE;
        if has > limit || (scarce && has as f64 > total() as f64 * LARGE) {
            self.shared.ended_with.store(has, Relaxed);
            // SAFETY: ends this process and the group that it leads; a copy takes over.
            unsafe { libc::kill(0, libc::SIGKILL) };
        }
    }

    /// In words, why the runtime before this one was ended, if it was for its memory.
    pub fn last_words(&self) -> Option<String> {
        let had = self.shared.ended_with.swap(0, Relaxed);
        let gigabytes = |bytes: u64| bytes as f64 / 1e9;
        (had > 0).then(|| {
            format!(
                "this cell took {:.1} GB of memory and was ended; the limit is {:.1} GB and can \
                 be set by THREADBOOK_MEMORY_LIMIT",
                gigabytes(had),
                gigabytes(self.shared.limit.load(Relaxed))
            )
        })
    }
}

/// The machine's memory, or that of the control group if it has less, in bytes.
fn total() -> u64 {
    let of_machine = field("/proc/meminfo", "MemTotal:").unwrap_or(u64::MAX);
    let of_group = fs::read_to_string("/sys/fs/cgroup/memory.max")
        .ok()
        .and_then(|text| text.trim().parse().ok());
    of_machine.min(of_group.unwrap_or(u64::MAX))
}

/// What programs can still get, in bytes (proc(5), `MemAvailable`).
fn free() -> u64 {
    field("/proc/meminfo", "MemAvailable:").unwrap_or(u64::MAX)
}

/// The memory of processes, in bytes. Pages that several of them have count for each of them, unless that comes to more than
/// `limit`: then they are counted once.
fn memory_of(processes: &[u32], limit: u64) -> u64 {
    let quick: u64 = processes
        .iter()
        .map(|process| {
            let status = format!("/proc/{process}/status");
            let of = |name| field(&status, name).unwrap_or(0);
            of("RssAnon:") + of("RssShmem:")
        })
        .sum();
    if quick <= limit {
        return quick;
    }
    let exact = processes.iter().map(|process| {
        let rollup = format!("/proc/{process}/smaps_rollup");
        let of = |name| field(&rollup, name).unwrap_or(0);
        of("Pss_Anon:") + of("Pss_Shmem:")
    });
    exact.sum()
}

/// The processes of the group that this one is in.
fn processes_of_group() -> Vec<u32> {
    // SAFETY: getpgrp(2) has no arguments.
    let group = unsafe { libc::getpgrp() };
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    let processes = entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    processes
        // SAFETY: getpgid(2) without pointers; a process that has ended has none.
        .filter(|&process: &u32| unsafe { libc::getpgid(process as libc::pid_t) } == group)
        .collect()
}

/// A field of kilobytes in a file of /proc, in bytes.
fn field(path: &str, name: &str) -> Option<u64> {
    let text = fs::read_to_string(path).ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix(name))?;
    let kilobytes: u64 = line.split_whitespace().next()?.parse().ok()?;
    Some(kilobytes << 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_memory_of_this_group_is_found() {
        // So much that other tests of this process do not come to it.
        let large = 512 << 20;
        let bytes = std::hint::black_box(vec![1_u8; large as usize]);
        let processes = processes_of_group();
        let quick = memory_of(&processes, u64::MAX);
        let exact = memory_of(&processes, 0);
        // Used until here; the compiler would leave it out otherwise.
        std::hint::black_box(bytes);
        assert!(quick >= large && exact >= large, "{quick} {exact}");
    }

    #[test]
    fn the_machine_has_memory_and_some_of_it_is_free() {
        assert!(free() <= total().max(free()));
        assert!(total() > 1 << 28 && total() < u64::MAX);
    }
}
