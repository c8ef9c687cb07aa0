//! What the threads of a watched cell did, in memory that the runtime shares with the processes that the cell forks.

use super::event::{Event, EventKind, Site};
use super::forked::in_forked_children;
use super::stacks::Stacks;
use super::unwind::Frame;
use super::{memory, names, ownership, table, unwind};
use crate::runtime::{clock, schedule, shared_memory};
use anyhow::Result;
use std::cell::Cell;
use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};
use std::sync::atomic::{
    AtomicBool, AtomicI32, AtomicI64, AtomicPtr, AtomicU8, AtomicU32, AtomicU64,
};

/// How many events of a cell are recorded; later ones are only counted.
const CAPACITY: usize = 1 << 20;

/// `kind` is written last, and 0 before.
struct Slot {
    kind: AtomicU32,
    process: AtomicI32,
    thread: AtomicI32,
    /// 0, or 1 more than the index of a stack.
    stack: AtomicU32,
    time: AtomicU64,
    subject: AtomicU64,
    /// Of a lock that its thread has released before its next event, the time of that.
    value: AtomicU64,
    /// 0, or the address of a `Location`.
    location: AtomicU64,
}

struct Record {
    is_on: AtomicBool,
    began: AtomicI64,
    /// How many cells there were.
    cell: AtomicU32,
    /// How many slots are reserved; also those that there are not.
    reserved: AtomicU64,
    /// How many events there was no room for.
    missing: AtomicU64,
    stacks: Stacks,
    slots: [Slot; CAPACITY],
}

impl Record {
    /// Returns how long ago the cell began, in nanoseconds.
    fn elapsed(&self) -> u64 {
        (clock::now() - self.began.load(Relaxed)) as u64
    }

    fn used(&self) -> &[Slot] {
        let reserved = self.reserved.load(Acquire) as usize;
        &self.slots[..reserved.min(CAPACITY)]
    }
}

/// How many slots a thread reserves at a time, so that threads do not write to the same line of a processor's cache.
const BLOCK: u32 = 64;

/// The slots that a thread has reserved, and its ids.
#[derive(Clone, Copy)]
struct Reserved {
    /// The cell for which they are reserved.
    cell: u32,
    next: u32,
    end: u32,
    process: i32,
    thread: i32,
}

thread_local! {
    static RESERVED: Cell<Reserved> = const {
        Cell::new(Reserved {
            cell: 0,
            next: 0,
            end: 0,
            process: 0,
            thread: 0,
        })
    };
}

/// In a child: the slots are the parent's.
extern "C" fn leave_reserved() {
    RESERVED.with(|reserved| {
        reserved.update(|reserved| Reserved {
            end: 0,
            next: 0,
            ..reserved
        })
    });
}

static RECORD: AtomicPtr<Record> = AtomicPtr::new(std::ptr::null_mut());

pub fn start() -> Result<()> {
    let record = shared_memory::share::<Record>()?;
    RECORD.store(std::ptr::from_ref(record).cast_mut(), Release);
    in_forked_children(leave_reserved)
}

fn record() -> Option<&'static Record> {
    // SAFETY: null, or the mapping that `start` made, which is never removed.
    unsafe { RECORD.load(Acquire).as_ref() }
}

/// Whether events are recorded.
pub fn is_on() -> bool {
    record().is_some_and(|record| record.is_on.load(Relaxed))
}

/// What the helper crate reads while a cell is explored, instead of the flag (`src/notebook/watched.rs`).
static EXPLORED: AtomicU8 = AtomicU8::new(2);

/// Returns the flag that says so as a number, or null.
pub extern "C" fn switch() -> *const AtomicU8 {
    if schedule::is_on() {
        return &raw const EXPLORED;
    }
    record().map_or(std::ptr::null(), |record| {
        (&raw const record.is_on).cast::<AtomicU8>()
    })
}

/// Begins to record.
pub fn begin() {
    if let Some(record) = record() {
        // Those of a cell that was ended.
        forget(record);
        record.cell.fetch_add(1, Relaxed);
        record.began.store(clock::now(), Relaxed);
        record.is_on.store(true, Release);
    }
}

/// What was recorded.
pub struct Recorded {
    record: &'static Record,
    /// How long it took, in nanoseconds.
    pub duration: u64,
}

/// Stops recording. Returns what was recorded, if anything was.
pub fn end() -> Option<Recorded> {
    let record = record()?;
    let duration = record.elapsed();
    let was_on = record.is_on.swap(false, Acquire);
    was_on.then_some(Recorded { record, duration })
}

/// Set in the index of a slot to mean the release of its lock.
const RELEASE: u32 = 1 << 31;

impl Recorded {
    /// Returns the events in the order in which they happened.
    ///
    /// Their times are this order: who releases a lock or sends a message notes the time before, and who takes it afterwards, and all
    /// processors have one clock (clock_gettime(2), CLOCK_MONOTONIC).
    pub fn events(&self) -> impl Iterator<Item = Event> {
        let slots = self.record.used();
        let mut order: Vec<(u64, u32)> = Vec::with_capacity(slots.len());
        for (slot, index) in slots.iter().zip(0_u32..) {
            if slot.kind.load(Acquire) != 0 {
                order.push((slot.time.load(Relaxed), index));
            }
            if let Some(released) = slot.released() {
                order.push((released, index | RELEASE));
            }
        }
        order.sort_unstable();
        let events = order.into_iter();
        events.filter_map(|(_, index)| match index & RELEASE {
            0 => slots[index as usize].event(),
            _ => slots[(index & !RELEASE) as usize].release(),
        })
    }

    /// Returns how many events there was no room for.
    pub fn missing(&self) -> u64 {
        self.record.missing.load(Relaxed)
    }

    /// Returns the return addresses of a stack, the innermost first.
    pub fn stack(&self, index: u32) -> Vec<u64> {
        self.record.stacks.get(index)
    }
}

impl Drop for Recorded {
    fn drop(&mut self) {
        forget(self.record);
    }
}

/// Removes all events, and gives their memory back.
fn forget(record: &'static Record) {
    for slot in record.used() {
        slot.kind.store(0, Relaxed);
    }
    shared_memory::give_back(record.used());
    record.stacks.clear();
    record.reserved.store(0, Relaxed);
    record.missing.store(0, Relaxed);
}

/// Records an event of the calling thread, if that is switched on; with a frame, also where it is.
pub fn record_at(kind: EventKind, subject: u64, value: u64, frame: Option<Frame>) {
    let Some(record) = record().filter(|record| record.is_on.load(Relaxed)) else {
        return;
    };
    let stack = match frame {
        None => 0,
        Some(frame) => {
            let addresses = unwind::walk(memory::this_process(), frame, Stacks::DEPTH);
            record.stacks.add(&addresses).map_or(0, |index| index + 1)
        }
    };
    write(record, kind, subject, value, stack, 0);
}

/// Records what the cell's code does to a lock, a condition or a channel, which lies in memory that processes share or not, at the address
/// of a `Location`, or 0. Unknown numbers are ignored.
pub extern "C" fn record_object(kind: u32, subject: usize, is_shared: bool, location: usize) {
    let Some(record) = record().filter(|record| record.is_on.load(Relaxed)) else {
        return;
    };
    let Some(kind) = EventKind::of_number(kind) else {
        return;
    };
    if kind == EventKind::Unlock
        && let Some((slot, reserved)) = last(record)
    {
        let process = if is_shared { 0 } else { reserved.process };
        if slot.is_lock_of(ownership::key(process, subject)) {
            ownership::note(kind, subject, process, reserved.thread);
            slot.value.store(record.elapsed(), Release);
            return;
        }
    }
    let slot = reserve(record);
    let (process, thread) = match &slot {
        Some((_, reserved)) => (reserved.process, reserved.thread),
        None => table::identity(),
    };
    let process = if is_shared { 0 } else { process };
    let subject = ownership::note(kind, subject, process, thread);
    fill(record, slot, kind, subject, 0, 0, location as u64);
}

/// Records that the calling thread overwrites a value that `other` has written.
pub fn record_lost_update(subject: u64, other: i32, location: usize) {
    if let Some(record) = record() {
        let (other, location) = (other as u64, location as u64);
        write(record, EventKind::LostUpdate, subject, other, 0, location);
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

fn write(record: &Record, kind: EventKind, subject: u64, value: u64, stack: u32, location: u64) {
    fill(
        record,
        reserve(record),
        kind,
        subject,
        value,
        stack,
        location,
    );
}

/// Returns the calling thread's next slot; `None` if there is no room.
fn reserve(record: &Record) -> Option<(&Slot, Reserved)> {
    let mut reserved = RESERVED.get();
    let cell = record.cell.load(Relaxed);
    if reserved.next == reserved.end || reserved.cell != cell {
        let first = record.reserved.fetch_add(u64::from(BLOCK), Relaxed);
        if first >= CAPACITY as u64 {
            return None;
        }
        let (process, thread) = table::identity();
        reserved = Reserved {
            cell,
            next: first as u32,
            end: first as u32 + BLOCK,
            process,
            thread,
        };
    }
    let slot = record.slots.get(reserved.next as usize)?;
    reserved.next += 1;
    RESERVED.set(reserved);
    Some((slot, reserved))
}

/// Returns the slot of the last event of the calling thread, if it is in the block that the thread has reserved.
fn last(record: &Record) -> Option<(&Slot, Reserved)> {
    let reserved = RESERVED.get();
    let is_there = reserved.cell == record.cell.load(Relaxed)
        && reserved.next > reserved.end.saturating_sub(BLOCK);
    let slot = record
        .slots
        .get(reserved.next as usize - usize::from(is_there))?;
    is_there.then_some((slot, reserved))
}

fn fill(
    record: &Record,
    slot: Option<(&Slot, Reserved)>,
    kind: EventKind,
    subject: u64,
    value: u64,
    stack: u32,
    location: u64,
) {
    let Some((slot, reserved)) = slot else {
        record.missing.fetch_add(1, Relaxed);
        return;
    };
    slot.process.store(reserved.process, Relaxed);
    slot.thread.store(reserved.thread, Relaxed);
    slot.stack.store(stack, Relaxed);
    slot.time.store(record.elapsed(), Relaxed);
    slot.subject.store(subject, Relaxed);
    slot.value.store(value, Relaxed);
    slot.location.store(location, Relaxed);
    slot.kind.store(kind as u32, Release);
}

/// Returns a number for a `Spawn` that no other one has.
pub fn spawn_number() -> u64 {
    static LAST: AtomicU64 = AtomicU64::new(0);
    // Processes count for themselves.
    let process = memory::this_process() as u64;
    process << 32 | (LAST.fetch_add(1, Relaxed) + 1)
}

impl Slot {
    /// Whether the event is that a lock is taken, and its release is not recorded.
    fn is_lock_of(&self, subject: u64) -> bool {
        let kinds = [EventKind::Lock, EventKind::LockShared].map(|kind| kind as u32);
        kinds.contains(&self.kind.load(Relaxed))
            && self.subject.load(Relaxed) == subject
            && self.value.load(Relaxed) == 0
    }

    /// Returns when the lock was released, if that is recorded here.
    fn released(&self) -> Option<u64> {
        let kind = EventKind::of_number(self.kind.load(Acquire))?;
        let released = self.value.load(Acquire);
        let is_lock = matches!(kind, EventKind::Lock | EventKind::LockShared);
        (is_lock && released != 0).then_some(released)
    }

    /// Returns the event that the lock is released.
    fn release(&self) -> Option<Event> {
        Some(Event {
            time: self.released()?,
            kind: EventKind::Unlock,
            value: 0,
            site: None,
            ..self.event()?
        })
    }

    fn event(&self) -> Option<Event> {
        let kind = EventKind::of_number(self.kind.load(Acquire))?;
        let stack = self.stack.load(Relaxed).checked_sub(1);
        let location = self.location.load(Relaxed);
        let location = (location != 0).then_some(Site::Location(location));
        Some(Event {
            time: self.time.load(Relaxed),
            kind,
            process: self.process.load(Relaxed),
            thread: self.thread.load(Relaxed),
            subject: self.subject.load(Relaxed),
            value: match self.released() {
                Some(_) => 0,
                None => self.value.load(Relaxed),
            },
            site: stack.map(Site::Stack).or(location),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
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
