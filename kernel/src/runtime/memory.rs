//! Kills a cell that exceeds its memory limit, before the machine suffers.
//!
//! The limit applies to the memory of the runtime and of all processes in its group that no file
//! backs, with shared pages counted once. The machine's free memory says nothing about it: other
//! programs allocate and free memory too.

use super::limits;
use super::shared_memory;
use anyhow::Result;
use std::fs;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::Relaxed;
use std::time::{Duration, Instant};

/// Watches the memory. Clones, also those in copies of the process, share the result.
#[derive(Clone)]
pub struct MemoryWatch {
    shared: &'static Shared,
    measured_at: Option<Instant>,
    /// When the processes of the group were listed, and their ids.
    listed: Option<(Instant, Vec<u32>)>,
}

struct Shared {
    /// The group's limit in bytes.
    limit: AtomicU64,
    /// The bytes it had when it was killed for its memory; 0 if it was not.
    killed_with: AtomicU64,
}

/// How often to measure. A program can fill several gigabytes a second.
const INTERVAL: Duration = Duration::from_millis(50);
const IDLE_INTERVAL: Duration = Duration::from_secs(1);
/// How often to list the processes. One that was just forked shares its memory with its parent.
const LIST_INTERVAL: Duration = Duration::from_millis(250);

/// When less than this fraction of the machine's memory is free, a cell that has more than the
/// fraction [`LARGE`] is killed even below its limit.
const SCARCE: f64 = 0.03;
const LARGE: f64 = 0.2;

/// The limit if none is set, as a fraction of the machine's memory.
const DEFAULT_LIMIT: f64 = 0.75;

impl MemoryWatch {
    pub fn new() -> Result<MemoryWatch> {
        let watch = MemoryWatch {
            shared: shared_memory::share::<Shared>()?,
            measured_at: None,
            listed: None,
        };
        watch.read_limit();
        Ok(watch)
    }

    /// Reads the limit, which a cell may have set. To be called between cells.
    pub fn read_limit(&self) {
        let limit = limits::memory().unwrap_or((total() as f64 * DEFAULT_LIMIT) as u64);
        self.shared.limit.store(limit, Relaxed);
    }

    /// Returns how long to wait for other events before the next measurement, in milliseconds. Between
    /// cells only what earlier cells left running can allocate memory.
    pub fn poll_interval(in_cell: bool) -> libc::c_int {
        let interval = if in_cell { INTERVAL } else { IDLE_INTERVAL };
        interval.as_millis() as libc::c_int
    }

    /// Kills the group of this process if it exceeds its memory limit. Measures at most once per [`INTERVAL`].
    pub fn check(&mut self) {
        if self
            .measured_at
            .is_some_and(|last| last.elapsed() < INTERVAL)
        {
            return;
        }
        let now = Instant::now();
        self.measured_at = Some(now);
        let listed = self.listed.take();
        let (since, processes) = listed
            .filter(|(since, _)| now - *since < LIST_INTERVAL)
            .unwrap_or_else(|| (now, processes_of_group()));
        let limit = self.shared.limit.load(Relaxed);
        let used = memory_of(&processes, limit);
        self.listed = Some((since, processes));
        let scarce = (free() as f64) < total() as f64 * SCARCE;
        if used > limit || (scarce && used as f64 > total() as f64 * LARGE) {
            self.shared.killed_with.store(used, Relaxed);
            // SAFETY: kills this process and the group that it leads; a copy takes over.
            unsafe { libc::kill(0, libc::SIGKILL) };
        }
    }

    /// Returns a message if the previous runtime was killed for its memory, and forgets it.
    pub fn take_report(&self) -> Option<String> {
        let used = self.shared.killed_with.swap(0, Relaxed);
        let gigabytes = |bytes: u64| bytes as f64 / 1e9;
        (used > 0).then(|| {
            format!(
                "this cell used {:.1} GB of memory and was stopped; the limit is {:.1} GB (set \
                 THREADBOOK_MEMORY_LIMIT to change it)",
                gigabytes(used),
                gigabytes(self.shared.limit.load(Relaxed))
            )
        })
    }
}

/// Returns the machine's memory, or the control group's limit if that is lower, in bytes.
fn total() -> u64 {
    let of_machine = field("/proc/meminfo", "MemTotal:").unwrap_or(u64::MAX);
    let of_group = fs::read_to_string("/sys/fs/cgroup/memory.max")
        .ok()
        .and_then(|text| text.trim().parse().ok());
    of_machine.min(of_group.unwrap_or(u64::MAX))
}

/// Returns how much memory programs can still allocate, in bytes (proc(5), `MemAvailable`).
fn free() -> u64 {
    field("/proc/meminfo", "MemAvailable:").unwrap_or(u64::MAX)
}

/// Returns the memory of the processes, in bytes. Counts pages that several of them share once per process; only if the sum
/// exceeds `limit`, counts them once in total.
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

/// Lists the processes of this process's group.
fn processes_of_group() -> Vec<u32> {
    // SAFETY: getpgrp(2) takes no arguments.
    let group = unsafe { libc::getpgrp() };
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    let processes = entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    processes
        // SAFETY: getpgid(2) takes no pointers; it fails for a process that has ended.
        .filter(|&process: &u32| unsafe { libc::getpgid(process as libc::pid_t) } == group)
        .collect()
}

/// Reads a field of kilobytes from a file in /proc and returns it in bytes.
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
        // More than the other tests of this process use.
        let large = 512 << 20;
        let bytes = std::hint::black_box(vec![1_u8; large as usize]);
        let processes = processes_of_group();
        let quick = memory_of(&processes, u64::MAX);
        let exact = memory_of(&processes, 0);
        // Keeps the compiler from optimising the allocation away.
        std::hint::black_box(bytes);
        assert!(quick >= large && exact >= large, "{quick} {exact}");
    }

    #[test]
    fn the_machine_has_memory_and_some_of_it_is_free() {
        assert!(free() <= total().max(free()));
        assert!(total() > 1 << 28 && total() < u64::MAX);
    }
}
