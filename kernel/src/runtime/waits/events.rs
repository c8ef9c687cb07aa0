//! What the threads of a watched cell did.

use super::event::{Event, EventKind, Site};
use super::event_log::{self, EventLog, log};
use super::event_slot::Contents;
use super::stacks::Stacks;
use super::unwind::Frame;
use super::{memory, names, ownership, unwind};
use crate::runtime::schedule;
use anyhow::Result;
use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};
use std::sync::atomic::{AtomicU8, AtomicU64};

pub fn start() -> Result<()> {
    event_log::start()
}

/// Whether events are recorded.
pub fn is_on() -> bool {
    log().is_some_and(|log| log.is_on.load(Relaxed))
}

/// What the helper crate reads while a cell is explored, instead of the flag (`src/notebook/watched.rs`).
static EXPLORED: AtomicU8 = AtomicU8::new(2);

/// Returns the flag that says so as a number, or null.
pub extern "C" fn switch() -> *const AtomicU8 {
    if schedule::is_on() {
        return &raw const EXPLORED;
    }
    log().map_or(std::ptr::null(), |log| {
        (&raw const log.is_on).cast::<AtomicU8>()
    })
}

/// Begins to record.
pub fn begin() {
    if let Some(log) = log() {
        log.begin();
        log.is_on.store(true, Release);
    }
}

/// What was recorded.
pub struct Recorded {
    log: &'static EventLog,
    /// How long it took, in nanoseconds.
    pub duration: u64,
}

/// Stops recording. Returns what was recorded, if anything was.
pub fn end() -> Option<Recorded> {
    let log = log()?;
    let duration = log.elapsed();
    let was_on = log.is_on.swap(false, Acquire);
    was_on.then_some(Recorded { log, duration })
}

/// Set in the index of a slot to mean the release of its lock.
const RELEASE: u32 = 1 << 31;

impl Recorded {
    /// Returns the events in the order in which they happened.
    ///
    /// Their times are this order: who releases a lock or sends a message notes the time before, and who takes it afterwards, and all
    /// processors have one clock (clock_gettime(2), CLOCK_MONOTONIC).
    pub fn events(&self) -> impl Iterator<Item = Event> {
        let slots = self.log.slots();
        let mut order: Vec<(u64, u32)> = Vec::with_capacity(slots.len());
        for (slot, index) in slots.iter().zip(0_u32..) {
            order.extend(slot.time().map(|time| (time, index)));
            order.extend(slot.released().map(|time| (time, index | RELEASE)));
        }
        order.sort_unstable();
        let events = order.into_iter();
        events.filter_map(|(_, index)| match index & RELEASE {
            0 => slots[index as usize].event(),
            _ => slots[(index & !RELEASE) as usize].release_event(),
        })
    }

    /// Returns how many events there was no room for.
    pub fn missing(&self) -> u64 {
        self.log.missing.load(Relaxed)
    }

    /// Returns the return addresses of a stack, the innermost first.
    pub fn stack(&self, index: u32) -> Vec<u64> {
        self.log.stacks.get(index)
    }
}

impl Drop for Recorded {
    fn drop(&mut self) {
        self.log.forget();
    }
}

/// Records an event of the calling thread, if that is switched on; with a frame, also where it is.
pub fn record_at(kind: EventKind, subject: u64, value: u64, frame: Option<Frame>) {
    let Some(log) = log().filter(|log| log.is_on.load(Relaxed)) else {
        return;
    };
    let stack = frame.and_then(|frame| {
        let addresses = unwind::walk(memory::this_process(), frame, Stacks::DEPTH);
        log.stacks.add(&addresses)
    });
    let (slot, ids) = log.reserve();
    let contents = Contents {
        kind,
        subject,
        value,
        site: stack.map(Site::Stack),
    };
    log.fill(slot, ids, &contents);
}

/// Records what the cell's code does to a lock, a condition or a channel, which lies in memory that processes share or not, at the address
/// of a `Location`, or 0. Unknown numbers are ignored.
pub extern "C" fn record_object(kind: u32, subject: usize, is_shared: bool, location: usize) {
    let Some(log) = log().filter(|log| log.is_on.load(Relaxed)) else {
        return;
    };
    let Some(kind) = EventKind::of_number(kind) else {
        return;
    };
    let process_of = |process| if is_shared { 0 } else { process };
    if kind == EventKind::Unlock
        && let Some((slot, (process, thread))) = log.last()
        && slot.is_lock_of(ownership::key(process_of(process), subject))
    {
        ownership::note(kind, subject, process_of(process), thread);
        slot.release(log.elapsed());
        return;
    }
    let (slot, ids) = log.reserve();
    let (process, thread) = ids;
    let contents = Contents {
        kind,
        subject: ownership::note(kind, subject, process_of(process), thread),
        value: 0,
        site: (location != 0).then_some(Site::Location(location as u64)),
    };
    log.fill(slot, ids, &contents);
}

/// Records that the calling thread overwrites a value that `other` has written.
pub fn record_lost_update(subject: u64, other: i32, location: usize) {
    if let Some(log) = log() {
        let (slot, ids) = log.reserve();
        let contents = Contents {
            kind: EventKind::LostUpdate,
            subject,
            value: other as u64,
            site: Some(Site::Location(location as u64)),
        };
        log.fill(slot, ids, &contents);
    }
}

/// Records the end of the calling thread with its name.
pub fn record_end() {
    if is_on() {
        let name = names::own();
        let (parts, _) = name.as_chunks::<2>();
        let used = parts
            .iter()
            .rposition(|part| *part != [0, 0])
            .unwrap_or_default();
        for [first, second] in &parts[..used] {
            record_at(EventKind::Name, *first, *second, None);
        }
        let [first, second] = parts[used];
        record_at(EventKind::End, first, second, None);
    }
}

/// Returns a number for a `Spawn` that no other one has.
pub fn spawn_number() -> u64 {
    static LAST: AtomicU64 = AtomicU64::new(0);
    // Processes count for themselves.
    let process = memory::this_process() as u64;
    process << 32 | (LAST.fetch_add(1, Relaxed) + 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runtime::waits::table;
    use crate::runtime::waits::tests::start_once;

    #[test]
    fn a_lock_is_taken_and_released_in_the_order_of_the_calls() {
        start_once();
        begin();
        let (first, second) = (0x1000, 0x2000);
        let calls = [
            (EventKind::Lock, first),
            (EventKind::Unlock, first),
            (EventKind::LockShared, second),
            (EventKind::Lock, first),
            (EventKind::Unlock, second),
            (EventKind::Unlock, first),
            (EventKind::Lock, first),
            (EventKind::Send, second),
            (EventKind::Unlock, first),
        ];
        for (kind, subject) in calls {
            record_object(kind as u32, subject, false, 0);
        }
        let recorded = end().expect("a record");
        let (process, thread) = table::identity();
        // Other tests wait meanwhile.
        let own = recorded.events().filter(|event| event.thread == thread);
        let own: Vec<Event> = own.filter(|event| event.kind as u32 >= 16).collect();
        let key = |(kind, subject)| (kind, ownership::key(process, subject));
        let seen = own.iter().map(|event| (event.kind, event.subject));
        assert_eq!(seen.collect::<Vec<_>>(), calls.map(key));
        assert!(own.is_sorted_by_key(|event| event.time));
        assert!(own.iter().all(|event| event.value == 0), "{own:?}");
    }
}
