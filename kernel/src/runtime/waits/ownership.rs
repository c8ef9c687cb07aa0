//! Which thread of a watched cell holds which lock, and which one it wants: a cycle of them is a deadlock at once.

use super::event::EventKind;
use super::table;
use crate::runtime::shared_memory;
use anyhow::Result;
use std::cell::Cell;
use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};
use std::sync::atomic::{AtomicI32, AtomicPtr, AtomicU64};

/// How many locks are known. The owners of further ones are not.
const CAPACITY: usize = 1 << 12;

/// How many places to look at for a lock.
const PROBES: usize = 64;

/// Of a user's process (Linux, x86-64). Process ids have 22 bits at most (proc(5), `pid_max`), so 17 suffice rarely: those of two
/// processes that differ by a multiple of 131072 count as the same.
const ADDRESS_BITS: u32 = 47;

struct Owners([Slot; CAPACITY]);

struct Slot {
    /// See [`key`]; 0 if the slot is free.
    lock: AtomicU64,
    /// The thread that holds the lock alone, or 0.
    owner: AtomicI32,
}

thread_local! {
    /// Whether this thread wants a lock. Most locks are free when they are taken.
    static WANTS: Cell<bool> = const { Cell::new(false) };
}

static OWNERS: AtomicPtr<Owners> = AtomicPtr::new(std::ptr::null_mut());

pub fn start() -> Result<()> {
    let owners = shared_memory::share::<Owners>()?;
    OWNERS.store(std::ptr::from_ref(owners).cast_mut(), Release);
    Ok(())
}

fn owners() -> Option<&'static Owners> {
    // SAFETY: null, or the mapping that `start` made, which is never removed.
    unsafe { OWNERS.load(Acquire).as_ref() }
}

/// Returns what a lock or a value of a process is known by: a forked process has others at the same addresses. Without a process it is in
/// memory that processes share.
pub fn key(process: i32, address: usize) -> u64 {
    (process as u64) << ADDRESS_BITS | address as u64
}

/// Notes an event of the calling thread, at an address in this process or, without a process, in memory that processes share. Returns what
/// its subject is known by.
pub fn note(event: EventKind, address: usize, process: i32, thread: i32) -> u64 {
    let subject = key(process, address);
    let set_owner = |owner: i32| {
        if let Some(slot) = owners().and_then(|owners| owners.slot(subject)) {
            slot.owner.store(owner, Release);
        }
    };
    match event {
        EventKind::WantLock => {
            WANTS.set(true);
            table::set_wanted(subject);
        }
        EventKind::Lock => {
            stop_wanting();
            set_owner(thread);
        }
        EventKind::LockShared | EventKind::WaitOver => stop_wanting(),
        EventKind::Unlock => set_owner(0),
        _ => {}
    }
    subject
}

fn stop_wanting() {
    if WANTS.replace(false) {
        table::set_wanted(0);
    }
}

/// Returns the thread that holds a wanted lock alone.
pub fn owner_of(wanted: u64) -> Option<i32> {
    let owner = owners()?.slot(wanted)?.owner.load(Acquire);
    (owner != 0).then_some(owner)
}

/// Returns threads of which each wants a lock that the next one holds, and the last one a lock that the first one holds.
pub fn cycle(waits: &[table::Wait]) -> Option<Vec<table::Wait>> {
    let next = |wait: &table::Wait| {
        let owner = owner_of(wait.wanted)?;
        waits.iter().find(|other| other.thread == owner)
    };
    waits.iter().find_map(|first| {
        let mut cycle = vec![first.clone()];
        loop {
            let wait = next(cycle.last()?)?;
            if wait.thread == first.thread {
                return Some(cycle);
            }
            if cycle.iter().any(|member| member.thread == wait.thread) {
                return None;
            }
            cycle.push(wait.clone());
        }
    })
}

pub fn clear() {
    for slot in owners().iter().flat_map(|owners| &owners.0) {
        slot.lock.store(0, Relaxed);
        slot.owner.store(0, Relaxed);
    }
}

impl Owners {
    /// Returns the slot of a lock, which it gets if it has none and there is room.
    fn slot(&self, lock: u64) -> Option<&Slot> {
        let start = (lock >> 3) as usize;
        let mut probed = (0..PROBES).map(|probe| &self.0[(start + probe) % CAPACITY]);
        probed.find(|slot| {
            let found = slot.lock.load(Relaxed);
            let claimed = || match slot.lock.compare_exchange(0, lock, Relaxed, Relaxed) {
                Ok(_) => true,
                Err(other) => other == lock,
            };
            match found {
                0 => claimed(),
                other => other == lock,
            }
        })
    }
}
