//! The table of waits, in memory that the runtime shares with the processes that cells fork.

use super::forked::in_forked_children;
use super::unwind::Frame;
use crate::runtime::shared_memory;
use anyhow::Result;
use std::cell::Cell;
use std::collections::HashMap;
use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};
use std::sync::atomic::{AtomicI32, AtomicPtr, AtomicU32, AtomicU64, fence};

/// How many threads can be recorded at a time. The waits of more threads are not recorded, and then no deadlock is reported.
pub const SLOTS: usize = 1024;

/// What a thread waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A word of memory to change (futex(2)): every lock, channel, barrier, condition and park of `std`.
    Futex = 1,
    /// The end of a thread; the subject is its `pthread_t`.
    Join = 2,
    /// Time to pass.
    Sleep = 3,
    /// The end of a child process; the subject is the argument of waitpid(2).
    Child = 4,
    /// A lock of the helper crate, whose own waits are these and the following (`src/notebook/blocked.rs`): loops of short ones.
    /// The subject is the address of the lock's word, 0 if it has no owner.
    Lock = 5,
    /// A message from a queue or pipe.
    Receive = 6,
    /// Room in a queue or pipe.
    Send = 7,
    /// An event to be set, or a condition to be notified.
    Notification = 8,
    Barrier = 9,
    /// A process to exit; the subject is its id.
    Process = 10,
    /// Tasks to be done.
    Tasks = 11,
    /// Nothing: a thread of the helper's own that wakes nobody.
    Idle = 12,
    /// Something from outside; the subject is the number of the system call.
    System = 13,
}

impl Kind {
    const ALL: [Kind; 13] = [
        Kind::Futex,
        Kind::Join,
        Kind::Sleep,
        Kind::Child,
        Kind::Lock,
        Kind::Receive,
        Kind::Send,
        Kind::Notification,
        Kind::Barrier,
        Kind::Process,
        Kind::Tasks,
        Kind::Idle,
        Kind::System,
    ];

    pub fn of_number(number: u32) -> Option<Kind> {
        Kind::ALL.into_iter().find(|kind| *kind as u32 == number)
    }
}

/// A recorded wait.
#[derive(Debug, Clone)]
pub struct Wait {
    /// No two waits have the same.
    pub number: u64,
    pub process: i32,
    pub thread: i32,
    /// The thread's `pthread_t`.
    pub handle: u64,
    pub kind: Kind,
    /// The address of the word, or see [`Kind`].
    pub subject: u64,
    /// Whether it may end without another thread of the cell.
    pub is_timed: bool,
    /// The function that waits.
    pub frame: Frame,
    /// In a watched cell, the lock that the thread wants to have (see [`ownership::key`]), or 0.
    ///
    /// [`ownership::key`]: super::ownership::key
    pub wanted: u64,
}

/// A thread and its waits. Only the thread itself writes here.
pub struct Slot {
    /// The thread that owns the slot, 0 if it is free.
    thread: AtomicI32,
    process: AtomicI32,
    handle: AtomicU64,
    /// How many waits the thread has begun.
    pub count: AtomicU64,
    wanted: AtomicU64,
    /// A wait, and one within it: the helper crate waits in loops of short waits.
    pub levels: [Level; 2],
}

/// `number` is 0 while the other fields may change.
pub struct Level {
    pub number: AtomicU64,
    pub kind: AtomicU32,
    pub is_timed: AtomicU32,
    pub subject: AtomicU64,
    pub returns_to: AtomicU64,
    pub stack_pointer: AtomicU64,
    pub frame_pointer: AtomicU64,
}

/// How many words of a thread's name are kept.
pub const NAME_WORDS: usize = 8;

/// A thread's name in UTF-8, with zeros behind it.
pub type Name = [u64; NAME_WORDS];

struct Table {
    slots: [Slot; SLOTS],
    /// The names of the threads that own the slots; zeros if the system keeps the whole name.
    names: [[AtomicU64; NAME_WORDS]; SLOTS],
}

static TABLE: AtomicPtr<Table> = AtomicPtr::new(std::ptr::null_mut());

thread_local! {
    static OWN: OwnSlot = const { OwnSlot(Cell::new(None)) };
}

/// The slot of this thread, which is freed at the thread's end.
struct OwnSlot(Cell<Option<(&'static Slot, usize)>>);

impl Drop for OwnSlot {
    fn drop(&mut self) {
        if let Some((slot, _)) = self.0.take() {
            slot.thread.store(0, Release);
        }
    }
}

pub fn start() -> Result<()> {
    let table = shared_memory::share::<Table>()?;
    TABLE.store(std::ptr::from_ref(table).cast_mut(), Release);
    in_forked_children(leave_slot)
}

/// In a child: the slot is the parent's.
extern "C" fn leave_slot() {
    let _ = OWN.try_with(|own| own.0.set(None));
}

fn table() -> Option<&'static Table> {
    // SAFETY: null, or the mapping that `start` made, which is never removed.
    unsafe { TABLE.load(Acquire).as_ref() }
}

/// Returns the slot of the calling thread, and its index. Claims one if it has none; `None` if there is no room, or waits are not recorded
/// in this process, or the thread is at its end.
pub fn own_slot() -> Option<(&'static Slot, usize)> {
    OWN.try_with(|own| own.0.get().or_else(|| own.claim()))
        .ok()
        .flatten()
}

impl OwnSlot {
    #[cold]
    fn claim(&self) -> Option<(&'static Slot, usize)> {
        self.0.set(claim_slot(table()?));
        self.0.get()
    }
}

fn claim_slot(table: &'static Table) -> Option<(&'static Slot, usize)> {
    // SAFETY: gettid(2) and getpid(2) take nothing and always succeed; pthread_self(3) likewise.
    let (thread, process, handle) =
        unsafe { (libc::gettid(), libc::getpid(), libc::pthread_self()) };
    let mut probed = (0..SLOTS).map(|probe| (thread as usize + probe) % SLOTS);
    let index = probed.find(|&index| {
        let owner = &table.slots[index].thread;
        owner.load(Relaxed) == 0 && owner.compare_exchange(0, thread, Acquire, Relaxed).is_ok()
    })?;
    let slot = &table.slots[index];
    for level in &slot.levels {
        // A thread that was killed has left it so.
        level.number.store(0, Relaxed);
    }
    slot.handle.store(handle, Relaxed);
    slot.wanted.store(0, Relaxed);
    store_name(table, index, [0; NAME_WORDS]);
    slot.process.store(process, Release);
    Some((slot, index))
}

/// Returns the ids of the calling thread's process and of the thread.
pub fn identity() -> (i32, i32) {
    match own_slot() {
        Some((slot, _)) => (slot.process.load(Relaxed), slot.thread.load(Relaxed)),
        // SAFETY: getpid(2) and gettid(2) take nothing.
        None => unsafe { (libc::getpid(), libc::gettid()) },
    }
}

/// Keeps a name for the calling thread.
pub fn keep_name(name: Name) {
    if let (Some(table), Some((_, index))) = (table(), own_slot()) {
        store_name(table, index, name);
    }
}

fn store_name(table: &Table, index: usize, name: Name) {
    for (to, word) in table.names[index].iter().zip(name) {
        to.store(word, Relaxed);
    }
}

/// Returns the name that is kept for a thread.
pub fn kept_name(process: i32, thread: i32) -> Option<Name> {
    let table = table()?;
    let index = table.slots.iter().position(|slot| {
        (slot.process.load(Acquire), slot.thread.load(Acquire)) == (process, thread)
    })?;
    let name = &table.names[index];
    Some(std::array::from_fn(|word| name[word].load(Relaxed)))
}

/// Sets which lock of a watched cell the calling thread wants to have; 0 for none.
pub fn set_wanted(lock: u64) {
    if let Some((slot, _)) = own_slot() {
        slot.wanted.store(lock, Release);
    }
}

/// Returns what each thread waits for, by process and thread. A wait within a wait does not count.
pub fn waits() -> HashMap<(i32, i32), Wait> {
    let slots = table().map_or(&[][..], |table| &table.slots);
    let waits = slots.iter().filter_map(Slot::wait);
    waits
        .map(|wait| ((wait.process, wait.thread), wait))
        .collect()
}

/// Frees the slots of threads that have ended without freeing them, because their processes were killed.
pub fn free_ended() {
    for slot in table().map_or(&[][..], |table| &table.slots) {
        let (thread, process) = (slot.thread.load(Acquire), slot.process.load(Acquire));
        if thread != 0 && process != 0 {
            let task = format!("/proc/{process}/task/{thread}");
            if !std::path::Path::new(&task).exists() {
                slot.process.store(0, Relaxed);
                slot.thread.store(0, Release);
            }
        }
    }
}

impl Slot {
    /// Returns the outer wait; `None` if the thread does not wait, or the wait changed while it was read.
    fn wait(&self) -> Option<Wait> {
        let thread = self.thread.load(Acquire);
        let level = &self.levels[0];
        let number = level.number.load(Acquire);
        if thread == 0 || number == 0 {
            return None;
        }
        let wait = Wait {
            number,
            process: self.process.load(Acquire),
            thread,
            handle: self.handle.load(Relaxed),
            kind: Kind::of_number(level.kind.load(Relaxed))?,
            subject: level.subject.load(Relaxed),
            is_timed: level.is_timed.load(Relaxed) != 0,
            frame: Frame {
                returns_to: level.returns_to.load(Relaxed),
                stack_pointer: level.stack_pointer.load(Relaxed),
                frame_pointer: level.frame_pointer.load(Relaxed),
            },
            wanted: self.wanted.load(Relaxed),
        };
        fence(Acquire);
        (level.number.load(Relaxed) == number).then_some(wait)
    }
}
