//! The memory for the events of a watched cell, which the runtime shares with the processes that the cell forks.

use super::event_slot::{Contents, Slot};
use super::forked::in_forked_children;
use super::stacks::Stacks;
use super::table;
use crate::runtime::{clock, shared_memory};
use anyhow::Result;
use std::cell::Cell;
use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicPtr, AtomicU32, AtomicU64};

/// How many events of a cell are recorded; later ones are only counted.
const CAPACITY: usize = 1 << 20;

/// How many slots a thread reserves at a time, so that threads do not write to the same line of a processor's cache.
const BLOCK: u32 = 64;

/// Zeroed before the first cell.
pub struct EventLog {
    /// Whether events are recorded.
    pub is_on: AtomicBool,
    began: AtomicI64,
    /// How many cells there were.
    cell: AtomicU32,
    /// How many slots are reserved; also those that there are not.
    reserved: AtomicU64,
    /// How many events there was no room for.
    pub missing: AtomicU64,
    pub stacks: Stacks,
    slots: [Slot; CAPACITY],
}

static LOG: AtomicPtr<EventLog> = AtomicPtr::new(std::ptr::null_mut());

pub fn start() -> Result<()> {
    let log = shared_memory::share::<EventLog>()?;
    LOG.store(std::ptr::from_ref(log).cast_mut(), Release);
    in_forked_children(leave_reserved)
}

/// Returns the log; `None` before [`start`].
pub fn log() -> Option<&'static EventLog> {
    // SAFETY: null, or the mapping that `start` made, which is never removed.
    unsafe { LOG.load(Acquire).as_ref() }
}

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

/// The ids of a process and of one of its threads.
pub type Ids = (i32, i32);

impl EventLog {
    /// Begins with a cell.
    pub fn begin(&'static self) {
        // What a cell that was ended has left.
        self.forget();
        self.cell.fetch_add(1, Relaxed);
        self.began.store(clock::now(), Relaxed);
    }

    /// Removes all events, and gives their memory back.
    pub fn forget(&'static self) {
        self.slots().iter().for_each(Slot::clear);
        shared_memory::give_back(self.slots());
        self.stacks.clear();
        self.reserved.store(0, Relaxed);
        self.missing.store(0, Relaxed);
    }

    /// Returns how long ago the cell began, in nanoseconds.
    pub fn elapsed(&self) -> u64 {
        (clock::now() - self.began.load(Relaxed)) as u64
    }

    /// Returns the slots that are reserved.
    pub fn slots(&self) -> &[Slot] {
        let reserved = self.reserved.load(Acquire) as usize;
        &self.slots[..reserved.min(CAPACITY)]
    }

    /// Returns the calling thread's next slot, if there is room, and its ids.
    pub fn reserve(&self) -> (Option<&Slot>, Ids) {
        let mut reserved = RESERVED.get();
        let cell = self.cell.load(Relaxed);
        if reserved.next == reserved.end || reserved.cell != cell {
            let ids = table::identity();
            let first = self.reserved.fetch_add(u64::from(BLOCK), Relaxed);
            if first >= CAPACITY as u64 {
                return (None, ids);
            }
            reserved = Reserved {
                cell,
                next: first as u32,
                end: first as u32 + BLOCK,
                process: ids.0,
                thread: ids.1,
            };
        }
        let slot = self.slots.get(reserved.next as usize);
        reserved.next += 1;
        RESERVED.set(reserved);
        (slot, (reserved.process, reserved.thread))
    }

    /// Returns the slot of the calling thread's last event and its ids, if the thread has not used up the slots that it has reserved last.
    pub fn last(&self) -> Option<(&Slot, Ids)> {
        let reserved = RESERVED.get();
        let is_of_cell = reserved.cell == self.cell.load(Relaxed);
        let is_begun = reserved.next > reserved.end.saturating_sub(BLOCK);
        (is_of_cell && is_begun).then_some(())?;
        let slot = self.slots.get(reserved.next as usize - 1)?;
        Some((slot, (reserved.process, reserved.thread)))
    }

    /// Records an event, or that there was no room for it.
    pub fn fill(&self, slot: Option<&Slot>, ids: Ids, contents: &Contents) {
        match slot {
            Some(slot) => slot.fill(ids, self.elapsed(), contents),
            None => {
                self.missing.fetch_add(1, Relaxed);
            }
        }
    }
}
