//! Accesses to the atomics of a watched cell, to see lost updates: a thread reads a value, another one writes it, and the first one
//! overwrites that.
//!
//! An access and the note of it are one step: the value's slot is locked meanwhile, so that the order of the notes is the order of the
//! accesses. Nothing else is locked while it is.

use super::{events, ownership, table};
use crate::runtime::shared_memory;
use anyhow::Result;
use std::cell::Cell;
use std::hint::spin_loop;
use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};
use std::sync::atomic::{AtomicI32, AtomicPtr, AtomicU64};

/// How many values are known. Accesses to further ones are not noted.
const CAPACITY: usize = 1 << 12;

/// How many places to look at for a value.
const PROBES: usize = 64;

/// How often to look whether a slot is free. Its owner holds it for an access; one that was killed meanwhile, or that this thread has
/// interrupted in a handler of a signal, never frees it.
const SPINS: u32 = 100_000;

/// How often to look before others get the processor.
const SPINS_UNTIL_YIELD: u32 = 100;

/// What a thread does to a value. The numbers are those of the library for watched cells (`watched_std/events.rs`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    Load = 0,
    Store = 1,
    /// Reads and writes in one step.
    Update = 2,
}

impl Access {
    pub fn of_number(number: u32) -> Access {
        match number {
            0 => Access::Load,
            1 => Access::Store,
            _ => Access::Update,
        }
    }
}

struct Values {
    /// How many cells there were; what a thread has read in an earlier one does not count.
    cell: AtomicU64,
    slots: [Slot; CAPACITY],
}

struct Slot {
    /// See [`ownership::key`]; 0 if the slot is free.
    value: AtomicU64,
    /// The thread that makes an access, or 0.
    holder: AtomicI32,
    /// How often the value has been written.
    version: AtomicU64,
    writer: AtomicI32,
}

static VALUES: AtomicPtr<Values> = AtomicPtr::new(std::ptr::null_mut());

/// The version of a value that a thread has read and not written since.
#[derive(Clone, Copy)]
struct Read {
    /// The cell, by its number: what was read in an earlier one does not count.
    cell: u64,
    /// The index of the value's slot.
    value: usize,
    version: u64,
}

/// How many values a thread remembers; two with the same remainder displace each other.
const READS: usize = 64;

thread_local! {
    static READ: [Cell<Option<Read>>; READS] = const { [const { Cell::new(None) }; READS] };
}

pub fn start() -> Result<()> {
    let values = shared_memory::share::<Values>()?;
    VALUES.store(std::ptr::from_ref(values).cast_mut(), Release);
    Ok(())
}

fn values() -> Option<&'static Values> {
    // SAFETY: null, or the mapping that `start` made, which is never removed.
    unsafe { VALUES.load(Acquire).as_ref() }
}

/// Begins an access to the value at an address, in memory that processes share or not. Returns the number of its slot, or 0: then the
/// access is not noted.
pub extern "C" fn begin(address: usize, is_shared: bool) -> usize {
    if !events::is_on() {
        return 0;
    }
    let (process, thread) = table::identity();
    let process = if is_shared { 0 } else { process };
    let value = ownership::key(process, address);
    let Some((index, slot)) = values().and_then(|values| values.slot(value)) else {
        return 0;
    };
    for spin in 1..=SPINS {
        let taken = slot.holder.compare_exchange(0, thread, Acquire, Relaxed);
        if taken.is_ok() {
            return index + 1;
        }
        if spin.is_multiple_of(SPINS_UNTIL_YIELD) {
            std::thread::yield_now();
        } else {
            spin_loop();
        }
    }
    // This access is not noted, so what was read before is no measure any more.
    take_read(index);
    0
}

/// Ends an access, by the number of its slot.
pub extern "C" fn end(number: usize, access: u32, location: usize) {
    let Some(index) = number.checked_sub(1) else {
        return;
    };
    let Some(values) = values() else {
        return;
    };
    let Some(slot) = values.slots.get(index) else {
        return;
    };
    let access = Access::of_number(access);
    let (_, thread) = table::identity();
    let version = slot.version.load(Relaxed);
    let cell = values.cell.load(Relaxed);
    let mut lost = None;
    if access == Access::Load {
        remember(Read {
            cell,
            value: index,
            version,
        });
    } else {
        let writer = slot.writer.load(Relaxed);
        let read = take_read(index);
        let is_outdated = read.is_some_and(|read| read.cell == cell && read.version < version);
        if access == Access::Store && is_outdated && writer != thread {
            lost = Some(writer);
        }
        slot.version.store(version + 1, Relaxed);
        slot.writer.store(thread, Relaxed);
    }
    slot.holder.store(0, Release);
    if let Some(writer) = lost {
        events::record_lost_update(slot.value.load(Relaxed), writer, location);
    }
}

fn remember(read: Read) {
    READ.with(|known| known[read.value % READS].set(Some(read)));
}

/// Forgets and returns what the calling thread has read of a value.
fn take_read(value: usize) -> Option<Read> {
    READ.with(|known| {
        let known = &known[value % READS];
        let read = known.get().filter(|read| read.value == value)?;
        known.set(None);
        Some(read)
    })
}

/// Forgets all values.
pub fn clear() {
    let Some(values) = values() else {
        return;
    };
    values.cell.fetch_add(1, Relaxed);
    for slot in &values.slots {
        slot.value.store(0, Relaxed);
        slot.holder.store(0, Relaxed);
        slot.version.store(0, Relaxed);
        slot.writer.store(0, Relaxed);
    }
}

impl Values {
    /// Returns the slot of a value, which it gets if it has none and there is room, and its index.
    fn slot(&self, value: u64) -> Option<(usize, &Slot)> {
        let start = (value >> 2) as usize;
        let mut probed = (0..PROBES).map(|probe| (start + probe) % CAPACITY);
        let index = probed.find(|&index| {
            let found = &self.slots[index].value;
            let claimed = || match found.compare_exchange(0, value, Relaxed, Relaxed) {
                Ok(_) => true,
                Err(other) => other == value,
            };
            match found.load(Relaxed) {
                0 => claimed(),
                other => other == value,
            }
        })?;
        Some((index, &self.slots[index]))
    }
}
