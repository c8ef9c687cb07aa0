//! The lock of the writers, and the repair of what a writer that was killed left behind.

use std::sync::atomic::Ordering;

use super::memory::Ring;
use crate::ipc::robust::RobustGuard;

impl Ring {
    /// Returns how many messages are written and not read.
    pub(crate) fn len(&self) -> u64 {
        let header = self.header();
        if !self.has_bytes() {
            // A number that a killed writer took for a message that it never wrote does not count.
            let unfinished = header.unfinished.load(Ordering::SeqCst) != 0;
            if !unfinished || (self.try_lock_for_writing().is_some() && !self.has_bytes()) {
                return 0;
            }
        }
        let read = header.reader.messages.load(Ordering::Acquire);
        let written = header.writer.messages.load(Ordering::Acquire);
        written.saturating_sub(read)
    }

    pub(super) fn lock_for_writing(&self) -> RobustGuard<'_> {
        let guard = self.header().write_lock.lock();
        self.repair(&guard);
        guard
    }

    pub(super) fn try_lock_for_writing(&self) -> Option<RobustGuard<'_>> {
        let guard = self.header().write_lock.try_lock()?;
        self.repair(&guard);
        Some(guard)
    }

    /// Repairs what a writer left that exited in the middle: records where its message breaks off.
    fn repair(&self, guard: &RobustGuard<'_>) {
        if !guard.owner_died {
            return;
        }
        let header = self.header();
        if header.unfinished.load(Ordering::Relaxed) != 0 {
            let from = header.unfinished_from.load(Ordering::Relaxed);
            let to = header.unfinished_to.load(Ordering::Relaxed);
            let at = header.writer.position.load(Ordering::Relaxed);
            // Otherwise none or all of the message is there.
            if from < at && at < to {
                let by = header.written_by.load(Ordering::Relaxed);
                header.broken_by.store(by, Ordering::Relaxed);
                header.broken_at.store(at, Ordering::SeqCst);
            }
            header.unfinished.store(0, Ordering::SeqCst);
        }
        header.unannounced.store(0, Ordering::SeqCst);
        // It may have written something without waking anyone.
        self.wake(&header.writer, i32::MAX);
    }
}
