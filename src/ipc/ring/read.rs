//! Reading from a ring.

use std::sync::atomic::Ordering;
use std::time::Instant;

use super::memory::{CAPACITY, PREFIX_LEN, Ring};
use super::wait::ANY_POSITION;
use crate::ipc::robust::RobustGuard;
use crate::wait::POLL_INTERVAL;

/// A message broke off because its writer exited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct WriterEnded {
    pub(crate) pid: u32,
}

impl Ring {
    /// Blocks until there is something to read. Returns false if the deadline came first.
    pub(crate) fn wait_for_writer(&self, deadline: Instant) -> bool {
        let something = || self.has_message();
        self.sleep_until(&self.header().writer, ANY_POSITION, something, deadline)
    }

    /// Returns whether [`try_read`](Self::try_read) is worth a try.
    pub(crate) fn has_message(&self) -> bool {
        self.has_bytes() || self.at_break()
    }

    /// Reads the next message into `message`, if it is there or has begun.
    pub(crate) fn try_read(&self, message: &mut Vec<u8>) -> Result<bool, WriterEnded> {
        let guard = self.header().read_lock.lock();
        self.skip_abandoned(&guard);
        if self.at_break() {
            // A reader was killed just after it had seen the break.
            self.clear_break();
        }
        if !self.has_bytes() {
            return Ok(false);
        }
        self.take(message).map(|()| true)
    }

    /// Skips what a reader left that was killed in the middle of a message, unless someone is reading now. The writer
    /// of that message may wait for this.
    pub(crate) fn skip_abandoned_message(&self) {
        if let Some(guard) = self.header().read_lock.try_lock() {
            self.skip_abandoned(&guard);
        }
    }

    fn skip_abandoned(&self, guard: &RobustGuard<'_>) {
        let header = self.header();
        let end = header.reading_to.load(Ordering::Relaxed);
        if guard.owner_died && end > header.reader.position.load(Ordering::Relaxed) {
            // If its writer was killed too, there is nothing more to skip.
            let _ = self.take_pieces(end, |_, _| ());
        }
    }

    /// Reads the message at the reader's position. The caller holds `read_lock` and knows that there are bytes.
    fn take(&self, message: &mut Vec<u8>) -> Result<(), WriterEnded> {
        let header = self.header();
        let start = header.reader.position.load(Ordering::Relaxed);
        // The first piece of a message is the whole prefix.
        let (length, number) = (self.word_at(start), self.word_at(start + 8));
        message.clear();
        message.reserve_exact(length as usize);
        let end = start + PREFIX_LEN + length;
        if PREFIX_LEN + length <= CAPACITY {
            self.copy_out(start + PREFIX_LEN, length as usize, message);
            self.count_read(number + 1);
            self.advance_reader(end);
            return Ok(());
        }
        header.reading_to.store(end, Ordering::Relaxed);
        self.count_read(number + 1);
        self.advance_reader(start + PREFIX_LEN);
        self.take_pieces(end, |from, count| self.copy_out(from, count, message))
    }

    /// Reads up to `end` as the bytes arrive. The caller holds `read_lock`.
    fn take_pieces(&self, end: u64, mut piece: impl FnMut(u64, usize)) -> Result<(), WriterEnded> {
        let header = self.header();
        loop {
            let at = header.reader.position.load(Ordering::Relaxed);
            if at == end {
                return Ok(());
            }
            let written = header.writer.position.load(Ordering::Acquire);
            let available = written.min(end);
            if available > at {
                piece(at, (available - at) as usize);
                self.advance_reader(available);
            } else if self.at_break() {
                let pid = header.broken_by.load(Ordering::Relaxed);
                // In this order: if this reader is killed, nothing is left to skip.
                header.reading_to.store(at, Ordering::SeqCst);
                self.clear_break();
                return Err(WriterEnded { pid });
            } else {
                let more = || header.writer.position.load(Ordering::SeqCst) > at;
                let next_poll = Instant::now() + POLL_INTERVAL;
                if !self.sleep_until(&header.writer, ANY_POSITION, more, next_poll) {
                    // If the lock is free now, its owner has exited, or the message is complete: check again.
                    drop(self.try_lock_for_writing());
                }
            }
        }
    }

    /// Returns whether everything is read up to where a message breaks off.
    fn at_break(&self) -> bool {
        let header = self.header();
        let broken_at = header.broken_at.load(Ordering::SeqCst);
        broken_at != 0 && broken_at == header.reader.position.load(Ordering::Acquire)
    }

    /// Lets writers go on behind the break. The caller holds `read_lock`.
    fn clear_break(&self) {
        let header = self.header();
        header.broken_at.store(0, Ordering::SeqCst);
        self.wake_writers();
    }

    fn count_read(&self, messages: u64) {
        let reader = &self.header().reader;
        reader.messages.store(messages, Ordering::Release);
    }

    fn advance_reader(&self, position: u64) {
        let reader = &self.header().reader;
        reader.position.store(position, Ordering::SeqCst);
        if reader.sleepers.load(Ordering::SeqCst) > 0
            && position >= reader.wanted.load(Ordering::SeqCst)
        {
            self.wake_writers();
        }
    }
}
