//! Writing into a ring.

use std::io;
use std::sync::atomic::Ordering;
use std::time::Instant;

use super::memory::{CAPACITY, PREFIX_LEN, Ring};
use super::wait::ANY_POSITION;
use crate::notebook::{Blocked, BlockedOn};
use crate::os;
use crate::wait::POLL_INTERVAL;

/// A writer that waits for room waits for a quarter of the ring, so that on one processor each side does a good deal of
/// work at a time.
const QUARTER: u64 = CAPACITY / 4;

/// Why a message was not written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TryWriteError {
    /// There are as many messages as allowed.
    Full,
    /// There is no room now, or another message is being written in pieces.
    NoRoom,
}

/// Callbacks for the writer of a message.
pub(crate) trait WriteObserver {
    /// The ring has counted the message; no reader has seen it yet.
    fn on_counted(&self) {}

    /// The message is visible, or its beginning if it goes through in pieces. An error stops the writing.
    fn on_visible(&self) -> io::Result<()> {
        Ok(())
    }

    /// There is no room. An error stops the waiting for it.
    fn check_wanted(&self) -> io::Result<()> {
        Ok(())
    }
}

/// Does nothing.
impl WriteObserver for () {}

impl Ring {
    /// Writes a message if there are fewer than `most` messages and there is room now.
    pub(crate) fn try_write(&self, message: &[u8], most: u64) -> Result<(), TryWriteError> {
        let header = self.header();
        let total = PREFIX_LEN + message.len() as u64;
        // Only a writer of pieces holds the lock for long.
        if header.unfinished.load(Ordering::Relaxed) != 0 || total > CAPACITY {
            return Err(TryWriteError::NoRoom);
        }
        let _guard = self.lock_for_writing();
        if most != u64::MAX && self.len() >= most {
            return Err(TryWriteError::Full);
        }
        let start = header.writer.position.load(Ordering::Relaxed);
        if !self.room_for(start, total) {
            return Err(TryWriteError::NoRoom);
        }
        let number = header.writer.messages.load(Ordering::Relaxed);
        self.write_whole(start, number, message);
        Ok(())
    }

    /// Writes a message, and blocks until there is room.
    ///
    /// # Errors
    /// Those of `writer`.
    pub(crate) fn write(&self, message: &[u8], writer: &impl WriteObserver) -> io::Result<()> {
        let total = PREFIX_LEN + message.len() as u64;
        let _guard = self.lock_for_writing();
        let start = self.header().writer.position.load(Ordering::Relaxed);
        if total > CAPACITY {
            return self.write_in_pieces(start, message, writer);
        }
        self.wait_until_room(start, total, writer)?;
        let number = self.begin(start, total, writer);
        let announced = self.announce(writer, || self.write_whole(start, number, message));
        self.header().unfinished.store(0, Ordering::SeqCst);
        announced
    }

    /// Returns whether everything that can be read was announced, or will not be because its writer was killed.
    pub(crate) fn all_announced(&self) -> bool {
        self.header().unannounced.load(Ordering::SeqCst) == 0
            || self.try_lock_for_writing().is_some()
    }

    /// Returns whether a message of so many bytes fits into the ring whole.
    pub(crate) fn fits(length: usize) -> bool {
        PREFIX_LEN + length as u64 <= CAPACITY
    }

    /// Blocks until there is room for a message of so many bytes, which [`fits`](Self::fits). Returns false if the
    /// deadline came first.
    pub(crate) fn wait_for_room(&self, length: usize, deadline: Instant) -> bool {
        let total = PREFIX_LEN + length as u64;
        let writer = &self.header().writer;
        let start = writer.position.load(Ordering::Relaxed);
        // Others may write meanwhile: then the room is gone, and the next attempt finds out.
        let done = || self.room_for(start, total);
        let wanted = position_with_room(start, total);
        self.sleep_until(&self.header().reader, wanted, done, deadline)
    }

    /// Blocks until readers have taken messages and `done` is true. Returns false if the deadline came first.
    pub(crate) fn wait_for_reader(&self, done: impl Fn() -> bool, deadline: Instant) -> bool {
        self.sleep_until(&self.header().reader, ANY_POSITION, done, deadline)
    }

    /// Has writers that wait for room call `check_wanted` again.
    pub(crate) fn interrupt_writers(&self) {
        let interruptions = &self.header().interruptions;
        interruptions.fetch_add(1, Ordering::SeqCst);
        self.wake_writers();
    }

    /// Blocks until `total` bytes can be written at `start`. The caller holds `write_lock`.
    fn wait_until_room(
        &self,
        start: u64,
        total: u64,
        writer: &impl WriteObserver,
    ) -> io::Result<()> {
        let header = self.header();
        let wanted = position_with_room(start, total);
        if self.room_for(start, total) {
            return Ok(());
        }
        let _blocked = Blocked::on(BlockedOn::Send, false);
        while !self.room_for(start, total) {
            // Read before the check, so that an interruption after it is noticed.
            let seen = header.interruptions.load(Ordering::SeqCst);
            writer.check_wanted()?;
            let interrupted = || header.interruptions.load(Ordering::SeqCst) != seen;
            let done = || self.room_for(start, total) || interrupted();
            let next_poll = Instant::now() + POLL_INTERVAL;
            self.sleep_until(&header.reader, wanted, done, next_poll);
        }
        Ok(())
    }

    fn write_whole(&self, start: u64, number: u64, message: &[u8]) {
        let writer = &self.header().writer;
        self.copy_in(start, &prefix(message, number));
        self.copy_in(start + PREFIX_LEN, message);
        let end = start + PREFIX_LEN + message.len() as u64;
        writer.messages.store(number + 1, Ordering::Release);
        writer.position.store(end, Ordering::SeqCst);
        self.wake(writer, 1);
    }

    /// After an error the rest of the message never comes, but no one waits for it: the reader that `writer` checked
    /// for is gone.
    fn write_in_pieces(
        &self,
        start: u64,
        message: &[u8],
        writer: &impl WriteObserver,
    ) -> io::Result<()> {
        let header = self.header();
        let total = PREFIX_LEN + message.len() as u64;
        self.wait_until_room(start, PREFIX_LEN, writer)?;
        let number = self.begin(start, total, writer);
        let begun = self.announce(writer, || {
            self.write_piece(start, &prefix(message, number));
        });
        let written = begun.and_then(|()| {
            let mut at = start + PREFIX_LEN;
            // Pieces of a quarter let both sides work at once.
            for piece in message.chunks(QUARTER as usize) {
                self.wait_until_room(at, piece.len() as u64, writer)?;
                self.write_piece(at, piece);
                at += piece.len() as u64;
            }
            Ok(())
        });
        header.unfinished.store(0, Ordering::SeqCst);
        written
    }

    /// Writes a message or its beginning and announces it to `writer`.
    fn announce(&self, writer: &impl WriteObserver, write: impl FnOnce()) -> io::Result<()> {
        let unannounced = &self.header().unannounced;
        unannounced.store(1, Ordering::SeqCst);
        write();
        let announced = writer.on_visible();
        unannounced.store(0, Ordering::SeqCst);
        announced
    }

    fn write_piece(&self, at: u64, piece: &[u8]) {
        let writer = &self.header().writer;
        self.copy_in(at, piece);
        let end = at + piece.len() as u64;
        writer.position.store(end, Ordering::SeqCst);
        // Wakes all: the reader of this message must be among them.
        self.wake(writer, i32::MAX);
    }

    /// Counts a message before it is visible, and returns its number. The caller holds `write_lock`.
    fn begin(&self, start: u64, total: u64, writer: &impl WriteObserver) -> u64 {
        let header = self.header();
        header.unfinished_from.store(start, Ordering::Relaxed);
        header.unfinished_to.store(start + total, Ordering::Relaxed);
        header.written_by.store(os::process_id(), Ordering::Relaxed);
        header.unfinished.store(1, Ordering::SeqCst);
        let number = header.writer.messages.load(Ordering::Relaxed);
        header.writer.messages.store(number + 1, Ordering::SeqCst);
        writer.on_counted();
        number
    }

    /// Returns whether `count` bytes can be written at `position`.
    fn room_for(&self, position: u64, count: u64) -> bool {
        let header = self.header();
        let read = header.reader.position.load(Ordering::SeqCst);
        // If `position` is no longer the writer's, readers may be past the end.
        let in_flight = (position + count).saturating_sub(read);
        header.broken_at.load(Ordering::SeqCst) == 0 && in_flight <= CAPACITY
    }
}

/// Returns where readers must be for a message at `start` to have room, and some more.
fn position_with_room(start: u64, total: u64) -> u64 {
    (start + total.max(QUARTER)).saturating_sub(CAPACITY)
}

fn prefix(message: &[u8], number: u64) -> [u8; PREFIX_LEN as usize] {
    let mut bytes = [0; PREFIX_LEN as usize];
    bytes[..8].copy_from_slice(&(message.len() as u64).to_le_bytes());
    bytes[8..].copy_from_slice(&number.to_le_bytes());
    bytes
}
