//! The table of waits, in memory that the runtime shares with the processes that cells fork.

use super::frames;
use crate::runtime::shared_memory;
use anyhow::Result;
use std::collections::HashMap;
use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};
use std::sync::atomic::{AtomicI32, AtomicPtr, AtomicU32, AtomicU64};

/// How many threads can be recorded at a time. The waits of more threads are not recorded, and then no deadlock is reported.
const SLOTS: usize = 1024;

/// How many return addresses are recorded.
pub const MAX_FRAMES: usize = 32;

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
    /// A process to exit.
    Process = 10,
    /// Tasks to be done.
    Tasks = 11,
    /// Nothing: a thread of the helper's own that wakes nobody.
    Idle = 12,
}

impl Kind {
    const ALL: [Kind; 12] = [
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
    /// Whether it ends by itself after some time.
    pub is_timed: bool,
    /// Return addresses, the innermost first.
    pub frames: Vec<u64>,
}

/// Its owner writes it; `number` is 0 while the other fields may change.
struct Slot {
    /// The thread that owns the slot, 0 if it is free.
    thread: AtomicI32,
    process: AtomicI32,
    number: AtomicU64,
    handle: AtomicU64,
    kind: AtomicU32,
    is_timed: AtomicU32,
    subject: AtomicU64,
    frames: [AtomicU64; MAX_FRAMES],
}

struct Table {
    /// The number of the last wait.
    waits: AtomicU64,
    slots: [Slot; SLOTS],
}

static TABLE: AtomicPtr<Table> = AtomicPtr::new(std::ptr::null_mut());

pub fn start() -> Result<()> {
    let table = shared_memory::share::<Table>()?;
    TABLE.store(std::ptr::from_ref(table).cast_mut(), Release);
    Ok(())
}

fn table() -> Option<&'static Table> {
    // SAFETY: null, or the mapping that `start` made, which is never removed.
    unsafe { TABLE.load(Acquire).as_ref() }
}

/// A wait that lasts until this is dropped.
pub struct Record(&'static Slot);

impl Record {
    /// Records that the calling thread is about to wait. `frame` is the frame pointer of the function that waits. Returns `None` if
    /// waits are not recorded in this process, or there is no room.
    pub fn begin(kind: Kind, subject: u64, is_timed: bool, frame: usize) -> Option<Record> {
        let table = table()?;
        // SAFETY: gettid(2) and getpid(2) take nothing and always succeed; pthread_self(3) likewise.
        let (thread, process, handle) =
            unsafe { (libc::gettid(), libc::getpid(), libc::pthread_self()) };
        let slot = probed(thread).map(|at| &table.slots[at]).find(|slot| {
            let free = slot.thread.load(Relaxed) == 0;
            free && slot
                .thread
                .compare_exchange(0, thread, Acquire, Relaxed)
                .is_ok()
        })?;
        slot.process.store(process, Relaxed);
        slot.handle.store(handle, Relaxed);
        slot.kind.store(kind as u32, Relaxed);
        slot.is_timed.store(u32::from(is_timed), Relaxed);
        slot.subject.store(subject, Relaxed);
        frames::record(frame, &slot.frames);
        let number = table.waits.fetch_add(1, Relaxed) + 1;
        slot.number.store(number, Release);
        Some(Record(slot))
    }
}

impl Record {
    /// Gives the record away as a number, for [`Record::of_number`].
    pub fn into_number(self) -> i32 {
        let slots = table().map_or(std::ptr::null(), |table| table.slots.as_ptr());
        let slot = std::ptr::from_ref(self.0);
        std::mem::forget(self);
        ((slot.addr() - slots.addr()) / size_of::<Slot>()) as i32
    }

    /// Takes back a record that was given away in the calling thread.
    pub fn of_number(number: i32) -> Option<Record> {
        let slot = table()?.slots.get(usize::try_from(number).ok()?)?;
        // SAFETY: gettid(2) takes nothing.
        let is_own = slot.thread.load(Relaxed) == unsafe { libc::gettid() };
        is_own.then_some(Record(slot))
    }
}

impl Drop for Record {
    fn drop(&mut self) {
        self.0.number.store(0, Release);
        self.0.thread.store(0, Release);
    }
}

/// Returns the slots that a thread tries, in order.
fn probed(thread: i32) -> impl Iterator<Item = usize> {
    (0..SLOTS).map(move |probe| (thread as usize + probe) % SLOTS)
}

/// Returns what each thread waits for, by process and thread. A wait within a wait, such as one of the short ones of the helper crate,
/// does not count.
pub fn waits() -> HashMap<(i32, i32), Wait> {
    let slots = table().map_or(&[][..], |table| &table.slots);
    let mut waits: HashMap<(i32, i32), Wait> = HashMap::new();
    for wait in slots.iter().filter_map(Slot::read) {
        let thread = (wait.process, wait.thread);
        let is_within = waits
            .get(&thread)
            .is_some_and(|other| other.number < wait.number);
        if !is_within {
            waits.insert(thread, wait);
        }
    }
    waits
}

/// Frees the slots of processes that have ended while they waited.
pub fn free_ended() {
    for slot in table().map_or(&[][..], |table| &table.slots) {
        let (thread, process) = (slot.thread.load(Acquire), slot.process.load(Relaxed));
        // SAFETY: kill(2) with signal 0 only asks whether the process exists.
        if thread != 0 && process != 0 && unsafe { libc::kill(process, 0) } != 0 {
            slot.number.store(0, Release);
            slot.process.store(0, Relaxed);
            slot.thread.store(0, Release);
        }
    }
}

impl Slot {
    /// `None` if nobody waits here, or the wait changed while it was read.
    fn read(&self) -> Option<Wait> {
        let number = self.number.load(Acquire);
        if number == 0 {
            return None;
        }
        let kind = Kind::of_number(self.kind.load(Relaxed))?;
        let wait = Wait {
            number,
            process: self.process.load(Relaxed),
            thread: self.thread.load(Relaxed),
            handle: self.handle.load(Relaxed),
            kind,
            subject: self.subject.load(Relaxed),
            is_timed: self.is_timed.load(Relaxed) != 0,
            frames: self
                .frames
                .iter()
                .map(|frame| frame.load(Relaxed))
                .take_while(|&frame| frame != 0)
                .collect(),
        };
        std::sync::atomic::fence(Acquire);
        (self.number.load(Relaxed) == number).then_some(wait)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_is_recorded_until_it_ends() {
        start().unwrap();
        let mine = |subject: u64| waits().into_values().find(|wait| wait.subject == subject);
        let record = Record::begin(Kind::Futex, 0xfeed, false, 0).expect("a slot");
        let wait = mine(0xfeed).expect("the wait");
        assert_eq!((wait.kind, wait.is_timed), (Kind::Futex, false));
        assert_eq!(wait.process, std::process::id() as i32);
        drop(record);
        assert!(mine(0xfeed).is_none());
    }

    #[test]
    fn many_threads_wait_at_once() {
        start().unwrap();
        let barrier = std::sync::Barrier::new(201);
        std::thread::scope(|scope| {
            for number in 0..200 {
                let barrier = &barrier;
                scope.spawn(move || {
                    for _ in 0..1000 {
                        Record::begin(Kind::Sleep, 0xbeef, true, 0);
                    }
                    let record = Record::begin(Kind::Sleep, 0xabc_0000 + number, true, 0);
                    barrier.wait();
                    barrier.wait();
                    drop(record);
                });
            }
            barrier.wait();
            let recorded = waits()
                .values()
                .filter(|wait| wait.subject >> 16 == 0xabc)
                .count();
            barrier.wait();
            assert_eq!(recorded, 200);
        });
    }
}
