//! The threads of the cells' processes: which there are, and what each waits for.

use super::libraries::Libraries;
use super::table::{self, Kind, Wait};
use super::{memory, names, ownership, unwind};
use crate::ipc::{self, HelperWait, WaitingThread};
use crate::process_stat::{self, Process, Stat};
use crate::runtime::process_group;
use std::collections::HashMap;
use std::fs;

/// How many calls are of interest: those on top of the cell's, and a few of the cell's own.
const MAX_FRAMES: usize = 64;

/// More threads than these are not described.
const MAX_DESCRIBED: usize = 256;

/// A thread of a process in the runtime's group.
pub struct Thread {
    pub process: i32,
    id: i32,
    name: String,
    /// Whether it sleeps in the kernel, until something wakes it (proc(5), state `S` or `D`).
    pub is_asleep: bool,
    /// What it has recorded to wait for.
    pub wait: Option<Wait>,
}

/// Returns the live threads of all processes that belong to a cell.
pub fn of_cell() -> Vec<Thread> {
    let mut waits = table::waits();
    let this = std::process::id() as i32;
    let mut threads = Vec::new();
    for process in processes() {
        for id in process_stat::threads_of(process) {
            if (process, id) == (this, process_group::relay()) {
                continue;
            }
            let path = format!("/proc/{process}/task/{id}/stat");
            let stat = fs::read_to_string(path).ok();
            if let Some(stat) = stat.as_deref().and_then(Stat::parse)
                && !stat.has_ended()
            {
                threads.push(Thread {
                    process,
                    id,
                    name: names::whole(process, id, stat.name),
                    is_asleep: matches!(stat.state, 'S' | 'D'),
                    wait: waits.remove(&(process, id)),
                });
            }
        }
    }
    threads
}

/// Describes the threads for the kernel: of thousands, the first ones.
pub fn described(threads: &[Thread]) -> Vec<WaitingThread> {
    described_if(threads, |_| true)
}

/// Describes some of the threads for the kernel.
pub fn described_if(threads: &[Thread], wanted: impl Fn(&Thread) -> bool) -> Vec<WaitingThread> {
    let libraries = unwind::read_tables();
    let shown = threads.iter().filter(|thread| wanted(thread));
    shown
        .take(MAX_DESCRIBED)
        .map(|thread| thread.described(threads, &libraries))
        .collect()
}

impl Thread {
    /// Whether it is the one that runs the cell.
    pub fn runs_the_cell(&self) -> bool {
        self.process == std::process::id() as i32 && self.is_main()
    }

    /// Whether it is the first thread of its process.
    pub fn is_main(&self) -> bool {
        self.id == self.process
    }

    /// Returns what it waits for, as the kernel is told.
    fn described(&self, all: &[Thread], libraries: &Libraries) -> WaitingThread {
        let own = std::process::id() as i32;
        let waits = self.wait.iter();
        let frames = waits.flat_map(|wait| unwind::walk(self.process, wait.frame, MAX_FRAMES));
        WaitingThread {
            process: (self.process != own).then_some(self.process as u32),
            is_main: self.is_main(),
            name: self.shown_name(),
            wait: self.reason(all),
            frames: frames
                .filter_map(|address| libraries.frame(address))
                .collect(),
        }
    }

    fn shown_name(&self) -> String {
        if self.runs_the_cell() {
            "main".to_owned()
        } else {
            self.name.clone()
        }
    }

    fn reason(&self, all: &[Thread]) -> ipc::Wait {
        let Some(wait) = &self.wait else {
            return if self.is_asleep {
                ipc::Wait::SystemCall(self.system_call())
            } else {
                ipc::Wait::Running
            };
        };
        match wait.kind {
            Kind::Futex => {
                let owner = ownership::owner_of(wait.wanted);
                let holder = all.iter().find(|thread| Some(thread.id) == owner);
                ipc::Wait::Memory {
                    holder: holder.map(Thread::shown_name),
                }
            }
            Kind::Join => {
                let joined = all.iter().find(|other| {
                    let other = other.wait.as_ref();
                    other.is_some_and(|other| {
                        (other.process, other.handle) == (wait.process, wait.subject)
                    })
                });
                ipc::Wait::Join(joined.map(Thread::shown_name))
            }
            Kind::Lock => {
                let holder = self.holder(wait.subject);
                let holder = all.iter().find(|thread| Some(thread.id) == holder);
                ipc::Wait::Helper {
                    kind: HelperWait::Lock,
                    holder: holder.map(Thread::shown_name),
                }
            }
            Kind::System => ipc::Wait::SystemCall(Some(wait.subject as i64)),
            kind => described_kind(kind),
        }
    }

    /// Returns the thread that holds a lock of the helper crate, whose word is at an address of this thread's process
    /// (`src/shared/raw_lock.rs`).
    fn holder(&self, word: u64) -> Option<i32> {
        /// Set in the word while somebody waits.
        const WAITERS: u32 = 1 << 31;
        let [word] = memory::words_of(self.process, word)?;
        let holder = word as u32 & !WAITERS;
        (holder != 0).then_some(holder as i32)
    }

    /// Returns the number of the system call that it sleeps in, if the kernel tells (proc(5), `/proc/pid/syscall`).
    fn system_call(&self) -> Option<i64> {
        let path = format!("/proc/{}/task/{}/syscall", self.process, self.id);
        let text = fs::read_to_string(path).ok()?;
        text.split_ascii_whitespace().next()?.parse().ok()
    }
}

/// Returns what a thread waits for, as far as the kind of the wait tells.
pub fn described_kind(kind: Kind) -> ipc::Wait {
    let helper = |kind| ipc::Wait::Helper { kind, holder: None };
    match kind {
        Kind::Futex => ipc::Wait::Memory { holder: None },
        Kind::Join => ipc::Wait::Join(None),
        Kind::Sleep => ipc::Wait::Sleep,
        Kind::Child | Kind::Process => ipc::Wait::Child,
        Kind::Lock => helper(HelperWait::Lock),
        Kind::Receive => helper(HelperWait::Receive),
        Kind::Send => helper(HelperWait::Send),
        Kind::Notification => helper(HelperWait::Notification),
        Kind::Barrier => helper(HelperWait::Barrier),
        Kind::Tasks | Kind::Idle => helper(HelperWait::Tasks),
        Kind::System => ipc::Wait::SystemCall(None),
    }
}

/// Returns the signals that a process has handlers for, as a set of bits (proc(5), `SigCgt`); all if that is not known. Those that the C
/// library keeps for itself do not count: it handles them from the first new thread or change of a user id on (nptl(7)).
pub fn caught_signals(process: i32) -> u64 {
    const OF_LIBC: u64 = 1 << (32 - 1) | 1 << (33 - 1);
    let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let field = status.lines().find_map(|line| line.strip_prefix("SigCgt:"));
    field
        .and_then(|set| u64::from_str_radix(set.trim(), 16).ok())
        .unwrap_or(u64::MAX)
        & !OF_LIBC
}

/// Returns the live processes of this process's group, and all descendants of this process but the copy that would take its place; this
/// one first.
fn processes() -> Vec<i32> {
    // SAFETY: getpgrp(2) takes nothing.
    let group = unsafe { libc::getpgrp() };
    let this = std::process::id() as i32;
    let copy = process_group::copy();
    let all: HashMap<i32, Process> = process_stat::live_processes()
        .map(|process| (process.id, process))
        .collect();
    let belongs = |process: i32| {
        let mut process = process;
        loop {
            let Some(Process {
                parent,
                group: of_group,
                ..
            }) = all.get(&process).copied()
            else {
                return false;
            };
            if process == copy {
                return false;
            }
            if process == this || of_group == group {
                return true;
            }
            process = parent;
        }
    };
    let mut found: Vec<i32> = all
        .keys()
        .copied()
        .filter(|&process| belongs(process))
        .collect();
    found.sort_unstable_by_key(|&process| (process != this, process));
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_threads_of_this_process_are_found() {
        let this = std::process::id() as i32;
        assert!(processes().contains(&this));
        assert!(process_stat::threads_of(this).any(|id| id == this));
    }
}
