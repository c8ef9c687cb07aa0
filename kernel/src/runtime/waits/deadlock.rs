//! Proves that a cell can never go on, and ends it then.
//!
//! A deadlock is proved when all threads of all processes of the cell wait for each other without a limit of time: the same waits
//! at two moments, with nobody running in between. Then nobody in the cell can wake anybody, and nobody else does: a thread that
//! waits for time, a file, a socket, a program or the user is seen by that, and nothing is reported. Nor is it where the cell handles
//! signals.
//!
//! Why two moments: let A and B be two looks at all threads, one after the other. A thread that is in the same wait in both was in it
//! all the time between them, so between them no thread of the cell did anything. One that was woken meanwhile is runnable at B, not
//! asleep, until it has left its wait. If all are asleep at B, none was woken, and none will be.

use super::threads::{self, Thread};
use super::{events, ownership, table};
use crate::ipc::WaitingThread;
use crate::process_stat;
use crate::runtime::process_group;
use crate::runtime::shared_memory::{self, Report};
use anyhow::Result;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::Relaxed;
use std::time::{Duration, Instant};

/// Switches the detection off for a notebook or a kernel.
const SWITCH_VAR: &str = "THREADBOOK_DEADLOCKS";

/// How long a thread waits before it is suspected, and how long all must have waited.
const PROOF_TIME: Duration = Duration::from_millis(300);

/// How long to wait for the next look when the first one found somebody who does not wait; twice as long each time, up to the second.
const LOOK_INTERVAL: (Duration, Duration) = (Duration::from_millis(50), Duration::from_millis(400));

/// How many bytes a report may have; longer ones lose their last threads.
const MAX_REPORT: usize = 256 << 10;

/// Watches over the cells of a runtime; its clones and those in copies of the process share the report.
#[derive(Clone)]
pub struct DeadlockWatch {
    shared: &'static Shared,
    suspicion: Option<Suspicion>,
    /// The waits of threads of a watched cell that wait for each other's locks, in order.
    cycle: Option<Vec<u64>>,
    /// When to look at all processes again, and how long that is after the last time.
    next_look: Option<(Instant, Duration)>,
    /// The signals for which this process had handlers before the first cell.
    own_signals: u64,
}

/// All threads were seen to wait.
#[derive(Clone)]
struct Suspicion {
    since: Instant,
    /// The numbers of their waits, in order.
    waits: Vec<u64>,
}

/// The report of the runtime that was ended, for the one that takes its place.
struct Shared {
    is_off: AtomicBool,
    report: Report<MAX_REPORT>,
}

impl DeadlockWatch {
    pub fn new() -> Result<DeadlockWatch> {
        Ok(DeadlockWatch {
            shared: shared_memory::share::<Shared>()?,
            suspicion: None,
            cycle: None,
            next_look: None,
            own_signals: threads::caught_signals(std::process::id() as i32),
        })
    }

    /// Reads whether the detection is switched off, which a cell may have done. To be called between cells.
    pub fn read_switch(&self) {
        let is_off =
            std::env::var_os(SWITCH_VAR).is_some_and(|value| value == "0" || value == "off");
        self.shared.is_off.store(is_off, Relaxed);
    }

    /// Returns the threads of the cell if they wait for each other. To be called every now and then by the thread that relays output,
    /// unless the cell waits for the user.
    pub fn check(&mut self) -> Option<Vec<WaitingThread>> {
        if let Some(cycle) = self.lasting_cycle() {
            let threads = threads::of_cell();
            let is_in_it = |thread: &Thread| {
                let mut waits = thread.wait.iter();
                waits.any(|wait| cycle.contains(&wait.number))
            };
            return Some(threads::described_if(&threads, is_in_it));
        }
        if !self.is_suspect() {
            self.suspicion = None;
            self.next_look = None;
            return None;
        }
        if self.next_look.is_some_and(|(at, _)| Instant::now() < at) {
            return None;
        }
        let threads = threads::of_cell();
        let Some(waits) = self.waits_without_end(&threads) else {
            self.suspicion = None;
            let interval = self.next_look.map_or(LOOK_INTERVAL.0, |(_, last)| last * 2);
            let interval = interval.min(LOOK_INTERVAL.1);
            self.next_look = Some((Instant::now() + interval, interval));
            return None;
        };
        match &self.suspicion {
            Some(before) if before.waits == waits => {
                if before.since.elapsed() >= PROOF_TIME && process_group::is_in_cell() {
                    return Some(threads::described(&threads));
                }
            }
            _ => {
                self.suspicion = Some(Suspicion {
                    since: Instant::now(),
                    waits,
                });
            }
        }
        None
    }

    /// Returns the waits of threads of a watched cell of which each wants a lock that the next one holds, and the last one a lock of the
    /// first, if they were the same at the last look. Nobody else can release these locks, so other threads do not matter.
    fn lasting_cycle(&mut self) -> Option<Vec<u64>> {
        if !process_group::is_in_cell() || self.shared.is_off.load(Relaxed) || !events::is_on() {
            self.cycle = None;
            return None;
        }
        let waits: Vec<_> = table::waits().into_values().collect();
        let cycle = ownership::cycle(&waits)
            .filter(|cycle| cycle.iter().all(|wait| !wait.is_timed))
            .map(|cycle| {
                let mut numbers: Vec<u64> = cycle.iter().map(|wait| wait.number).collect();
                numbers.sort_unstable();
                numbers
            });
        let before = std::mem::replace(&mut self.cycle, cycle);
        self.cycle
            .clone()
            .filter(|cycle| before.as_ref() == Some(cycle))
    }

    /// Whether a deadlock is possible as far as this process goes: this is found out in microseconds.
    fn is_suspect(&self) -> bool {
        if !process_group::is_in_cell() || self.shared.is_off.load(Relaxed) {
            return false;
        }
        let process = std::process::id() as i32;
        let waits = table::waits();
        let is_endless = |thread| {
            let wait = waits.get(&(process, thread));
            wait.is_some_and(|wait| !wait.is_timed)
        };
        is_endless(process)
            && process_stat::threads_of(process)
                .all(|thread| thread == process_group::relay() || is_endless(thread))
    }

    /// Returns the numbers of the threads' waits, if every one of them waits for another thread, and for as long as that takes. `None` also
    /// if a signal could wake one: a handler of the cell's own may do anything.
    fn waits_without_end(&self, threads: &[Thread]) -> Option<Vec<u64>> {
        let mut waits = threads
            .iter()
            .map(|thread| {
                let wait = thread.wait.as_ref()?;
                let is_endless = thread.is_asleep && !wait.is_timed;
                is_endless.then_some(wait.number)
            })
            .collect::<Option<Vec<u64>>>()?;
        waits.sort_unstable();
        let mains = threads.iter().filter(|thread| thread.is_main());
        let catches_signals =
            |thread: &Thread| threads::caught_signals(thread.process) & !self.own_signals != 0;
        // Where /proc shows nothing, nothing is proved.
        let is_whole = threads.iter().any(Thread::runs_the_cell);
        (is_whole && !mains.into_iter().any(catches_signals)).then_some(waits)
    }

    /// Forgets what was seen of an earlier cell.
    pub fn begin_cell(&mut self) {
        self.suspicion = None;
        self.cycle = None;
        self.next_look = None;
        table::free_ended();
    }

    /// Ends the group of this process. A copy of it takes over and tells why.
    pub fn end(&self, threads: Vec<WaitingThread>) {
        self.store(threads);
        // SAFETY: kill(2) takes no pointers.
        unsafe { libc::kill(0, libc::SIGKILL) };
    }

    fn store(&self, mut threads: Vec<WaitingThread>) {
        let bytes = loop {
            let bytes = postcard::to_allocvec(&threads).unwrap_or_default();
            if bytes.len() <= MAX_REPORT {
                break bytes;
            }
            threads.truncate(threads.len() / 2);
        };
        self.shared.report.store(&bytes);
    }

    /// Returns the threads of the runtime before this one if it was ended for a deadlock; once.
    pub fn take_report(&self) -> Option<Vec<WaitingThread>> {
        let bytes = self.shared.report.take()?;
        Some(postcard::from_bytes(&bytes).unwrap_or_default())
    }
}
