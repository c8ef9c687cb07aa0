//! A place for an event of a watched cell, in memory that processes share.

use super::event::{Event, EventKind, Site};
use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};
use std::sync::atomic::{AtomicI32, AtomicU32, AtomicU64};

/// An event; also the release of a lock that its thread has taken, if there is no other event of the thread in between.
///
/// Only one thread writes here. `kind` is written last, and 0 before.
pub struct Slot {
    kind: AtomicU32,
    process: AtomicI32,
    thread: AtomicI32,
    /// 0, or 1 more than the index of a stack.
    stack: AtomicU32,
    time: AtomicU64,
    subject: AtomicU64,
    /// Of a lock: 0, or the time of its release.
    value: AtomicU64,
    /// 0, or the address of a `Location`.
    location: AtomicU64,
}

/// What is to be recorded, beside the time and the thread.
pub struct Contents {
    pub kind: EventKind,
    pub subject: u64,
    /// 0 for a lock.
    pub value: u64,
    pub site: Option<Site>,
}

impl Slot {
    /// Records an event of a thread of a process. `time` is in nanoseconds since the cell began.
    pub fn fill(&self, (process, thread): (i32, i32), time: u64, contents: &Contents) {
        let (stack, location) = match contents.site {
            None => (0, 0),
            Some(Site::Stack(index)) => (index + 1, 0),
            Some(Site::Location(address)) => (0, address),
        };
        self.process.store(process, Relaxed);
        self.thread.store(thread, Relaxed);
        self.stack.store(stack, Relaxed);
        self.time.store(time, Relaxed);
        self.subject.store(contents.subject, Relaxed);
        self.value.store(contents.value, Relaxed);
        self.location.store(location, Relaxed);
        self.kind.store(contents.kind as u32, Release);
    }

    /// Records that the lock is released, at a time that is not 0.
    pub fn release(&self, time: u64) {
        self.value.store(time, Release);
    }

    pub fn clear(&self) {
        self.kind.store(0, Relaxed);
    }

    /// Whether the event is that this lock is taken, and its release is not recorded.
    pub fn is_lock_of(&self, subject: u64) -> bool {
        let kinds = [EventKind::Lock, EventKind::LockShared].map(|kind| kind as u32);
        kinds.contains(&self.kind.load(Relaxed))
            && self.subject.load(Relaxed) == subject
            && self.value.load(Relaxed) == 0
    }

    /// Returns the event; `None` if there is none, or not all of it.
    pub fn event(&self) -> Option<Event> {
        let kind = self.kind()?;
        let stack = self.stack.load(Relaxed).checked_sub(1);
        let location = self.location.load(Relaxed);
        let location = (location != 0).then_some(Site::Location(location));
        Some(Event {
            time: self.time.load(Relaxed),
            kind,
            process: self.process.load(Relaxed),
            thread: self.thread.load(Relaxed),
            subject: self.subject.load(Relaxed),
            value: match is_lock(kind) {
                true => 0,
                false => self.value.load(Relaxed),
            },
            site: stack.map(Site::Stack).or(location),
        })
    }

    /// Returns the event that the lock is released, if that is recorded here.
    pub fn release_event(&self) -> Option<Event> {
        Some(Event {
            time: self.released()?,
            kind: EventKind::Unlock,
            site: None,
            ..self.event()?
        })
    }

    /// Returns the time of the event; `None` if there is none.
    pub fn time(&self) -> Option<u64> {
        self.kind().map(|_| self.time.load(Relaxed))
    }

    /// Returns when the lock was released, if that is recorded here.
    pub fn released(&self) -> Option<u64> {
        let kind = self.kind()?;
        let released = self.value.load(Acquire);
        (is_lock(kind) && released != 0).then_some(released)
    }

    fn kind(&self) -> Option<EventKind> {
        EventKind::of_number(self.kind.load(Acquire))
    }
}

fn is_lock(kind: EventKind) -> bool {
    matches!(kind, EventKind::Lock | EventKind::LockShared)
}
