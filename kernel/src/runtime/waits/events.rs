//! What the threads of a watched cell did, in memory that the runtime shares with the processes that the cell forks.

use super::frames;
use crate::runtime::{clock, shared_memory};
use anyhow::Result;
use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};
use std::sync::atomic::{AtomicBool, AtomicI32, AtomicI64, AtomicPtr, AtomicU32, AtomicU64};

/// How many events of a cell are recorded; later ones are only counted.
const CAPACITY: usize = 1 << 16;

/// How many calls of a stack are recorded.
const MAX_FRAMES: usize = 16;

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EventKind {
    /// The thread begins to wait; the subject is the number of the [`Kind`](super::table::Kind).
    WaitBegin = 1,
    WaitEnd = 2,
    /// The thread starts another one, or a process; no two have the same subject.
    Spawn = 3,
    /// The thread begins; the subject is that of its `Spawn`.
    Begin = 4,
    /// The thread ends; the subject and the first word are its name.
    End = 5,
    Print = 6,
}

/// A recorded event.
#[derive(Debug, Clone)]
pub struct Event {
    /// Since the cell began, in nanoseconds.
    pub time: u64,
    pub kind: EventKind,
    pub process: i32,
    pub thread: i32,
    pub subject: u64,
    /// Return addresses, the innermost first; of an end, the rest of the name.
    pub words: Vec<u64>,
}

impl Event {
    /// Returns the name of the thread whose end this is.
    pub fn name(&self) -> String {
        let rest = self.words.first().copied().unwrap_or_default();
        let name = [self.subject, rest].map(u64::to_le_bytes).concat();
        let name = name.split(|byte| *byte == 0).next().unwrap_or_default();
        String::from_utf8_lossy(name).into_owned()
    }
}

struct Slot {
    is_written: AtomicU32,
    kind: AtomicU32,
    process: AtomicI32,
    thread: AtomicI32,
    time: AtomicU64,
    subject: AtomicU64,
    words: [AtomicU64; MAX_FRAMES],
}

struct Ring {
    is_on: AtomicBool,
    began: AtomicI64,
    /// How many events there were.
    count: AtomicU64,
    slots: [Slot; CAPACITY],
}

impl Ring {
    /// Returns how long ago the cell began, in nanoseconds.
    fn elapsed(&self) -> u64 {
        (clock::now() - self.began.load(Relaxed)) as u64
    }
}

static RING: AtomicPtr<Ring> = AtomicPtr::new(std::ptr::null_mut());

pub fn start() -> Result<()> {
    let ring = shared_memory::share::<Ring>()?;
    RING.store(std::ptr::from_ref(ring).cast_mut(), Release);
    Ok(())
}

fn ring() -> Option<&'static Ring> {
    // SAFETY: null, or the mapping that `start` made, which is never removed.
    unsafe { RING.load(Acquire).as_ref() }
}

/// Whether events are recorded.
pub fn is_on() -> bool {
    ring().is_some_and(|ring| ring.is_on.load(Relaxed))
}

/// Begins to record.
pub fn begin() {
    if let Some(ring) = ring() {
        ring.count.store(0, Relaxed);
        ring.began.store(clock::now(), Relaxed);
        ring.is_on.store(true, Release);
    }
}

/// Stops recording. Returns the events, in the order of their times, how many there was no room for, and how long it took in
/// nanoseconds.
pub fn end() -> (Vec<Event>, u64, u64) {
    let Some(ring) = ring() else {
        return (Vec::new(), 0, 0);
    };
    ring.is_on.store(false, Release);
    let count = ring.count.load(Acquire);
    let slots = ring.slots.iter().take(count as usize);
    let mut events: Vec<Event> = slots.filter_map(Slot::take).collect();
    events.sort_by_key(|event| event.time);
    let missing = count.saturating_sub(CAPACITY as u64);
    (events, missing, ring.elapsed())
}

/// Records an event of the calling thread, if that is switched on. `frame` is the frame pointer of the function that it is in, or 0.
pub fn record(kind: EventKind, subject: u64, frame: usize) {
    if is_on() {
        // SAFETY: getpid(2) takes nothing.
        let process = unsafe { libc::getpid() };
        let addresses = match frame {
            0 => Vec::new(),
            frame => frames::walk(process, frame as u64, MAX_FRAMES),
        };
        write(kind, subject, &addresses);
    }
}

fn write(kind: EventKind, subject: u64, words: &[u64]) {
    let Some(ring) = ring() else { return };
    let index = ring.count.fetch_add(1, Relaxed);
    let Some(slot) = ring.slots.get(index as usize) else {
        return;
    };
    // SAFETY: getpid(2) and gettid(2) take nothing.
    let (process, thread) = unsafe { (libc::getpid(), libc::gettid()) };
    slot.kind.store(kind as u32, Relaxed);
    slot.process.store(process, Relaxed);
    slot.thread.store(thread, Relaxed);
    slot.time.store(ring.elapsed(), Relaxed);
    slot.subject.store(subject, Relaxed);
    let words = words.iter().copied().chain(std::iter::repeat(0));
    for (place, word) in slot.words.iter().zip(words) {
        place.store(word, Relaxed);
    }
    slot.is_written.store(1, Release);
}

/// Records the end of the calling thread with its name.
pub fn record_end() {
    if is_on() {
        let mut name = [0_u64; 2];
        // SAFETY: PR_GET_NAME writes up to 16 bytes (prctl(2)).
        unsafe { libc::prctl(libc::PR_GET_NAME, name.as_mut_ptr()) };
        write(EventKind::End, name[0], &name[1..]);
    }
}

/// Returns a number for a `Spawn` that no other one has.
pub fn spawn_number() -> u64 {
    static LAST: AtomicU64 = AtomicU64::new(0);
    // Processes count for themselves.
    // SAFETY: getpid(2) takes nothing.
    let process = unsafe { libc::getpid() } as u64;
    process << 32 | (LAST.fetch_add(1, Relaxed) + 1)
}

impl Slot {
    fn take(&self) -> Option<Event> {
        if self.is_written.swap(0, Acquire) == 0 {
            return None;
        }
        let kind = match self.kind.load(Relaxed) {
            1 => EventKind::WaitBegin,
            2 => EventKind::WaitEnd,
            3 => EventKind::Spawn,
            4 => EventKind::Begin,
            5 => EventKind::End,
            _ => EventKind::Print,
        };
        let words = self.words.iter().map(|word| word.load(Relaxed));
        Some(Event {
            time: self.time.load(Relaxed),
            kind,
            process: self.process.load(Relaxed),
            thread: self.thread.load(Relaxed),
            subject: self.subject.load(Relaxed),
            words: words.take_while(|&word| word != 0).collect(),
        })
    }
}
