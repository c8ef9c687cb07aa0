//! A queue of byte strings: what all kinds of queues have in common, and no code of any item type.

use std::sync::Arc;
use std::time::Instant;

use super::backoff::MAX_ROOM_WAIT;
use super::error::QueueError;
use super::feeder::{Feeder, Order, Outcome, Written};
use super::pending_items::PendingItems;
use crate::ipc::fork_local::ForkLocal;
use crate::ipc::ring::{Ring, TryWriteError, WriteObserver};
use crate::shared::POLL_INTERVAL;

pub(super) struct ByteQueue {
    ring: Ring,
    /// Items that wait in the feeders of all processes.
    pending: PendingItems,
    /// The most items at a time.
    maxsize: u64,
    /// Found anew in each process: a child has none of the parent's items and no thread.
    feeder: ForkLocal<Feeder>,
}

impl ByteQueue {
    /// A queue of at most `maxsize` items; 0 for no limit.
    ///
    /// # Panics
    /// If the system has no memory to share.
    pub(super) fn new(maxsize: usize) -> Arc<Self> {
        let (ring, pending) = Ring::new()
            .and_then(|ring| Ok((ring, PendingItems::new()?)))
            .unwrap_or_else(|error| panic!("no shared memory for this Queue: {error}"));
        Arc::new(Self {
            ring,
            pending,
            maxsize: if maxsize == 0 {
                u64::MAX
            } else {
                maxsize as u64
            },
            feeder: ForkLocal::new(),
        })
    }

    pub(super) fn feeder(&self) -> &Feeder {
        self.feeder.get()
    }

    /// Puts a message, at the latest at `deadline` (None: no limit).
    pub(super) fn put(
        self: &Arc<Self>,
        message: &[u8],
        deadline: Option<Instant>,
    ) -> Result<(), QueueError> {
        let feeder = self.feeder();
        let mut may_wait = feeder.backoff.may_wait();
        loop {
            let write = |bytes: &[u8], order| self.write_or_count(bytes, order, may_wait);
            let outcome = feeder.write_or_leave(self, message, write);
            match outcome.map_err(QueueError::NoThread)? {
                Outcome::Done => return Ok(()),
                Outcome::Closed => return Err(QueueError::Closed),
                Outcome::NoRoom => {
                    let moment = Instant::now() + MAX_ROOM_WAIT;
                    let helped =
                        feeder.wait_a_moment() && self.ring.wait_for_room(message.len(), moment);
                    feeder.backoff.record_wait(helped);
                    may_wait = false;
                    continue;
                }
                Outcome::Full => {}
            }
            if !self.wait_for_place(deadline) {
                return Err(QueueError::Full);
            }
        }
    }

    /// Takes a message, at the latest at `deadline` (None: no limit).
    pub(super) fn get(
        &self,
        message: &mut Vec<u8>,
        deadline: Option<Instant>,
    ) -> Result<(), QueueError> {
        if self.feeder().is_closed() {
            return Err(QueueError::Closed);
        }
        let ended = |pid| QueueError::WriterEnded { pid };
        loop {
            if self.ring.has_message() {
                match self.ring.try_read(message) {
                    Ok(true) => return Ok(()),
                    // Another reader was faster.
                    Ok(false) => continue,
                    Err(writer) => return Err(ended(writer.pid)),
                }
            }
            if self.ring.wait_for_writer(end_of_slice(deadline)) {
                continue;
            }
            self.pending.forget_lost();
            if let Some(pid) = self.pending.take_lost() {
                return Err(ended(pid));
            }
            if deadline.is_some_and(|deadline| deadline <= Instant::now()) {
                return Err(QueueError::Empty);
            }
        }
    }

    /// Waits until the queue has less items than it may. False: the deadline came first.
    fn wait_for_place(&self, deadline: Option<Instant>) -> bool {
        let has_place = || self.len() < self.maxsize;
        loop {
            if self.ring.wait_for_reader(has_place, end_of_slice(deadline)) {
                return true;
            }
            // They take no place.
            self.pending.forget_lost();
            if deadline.is_some_and(|deadline| deadline <= Instant::now()) {
                return has_place();
            }
        }
    }

    /// How many items were put and not taken.
    pub(super) fn len(&self) -> u64 {
        self.ring.len() + self.pending.count()
    }

    pub(super) fn is_full(&self) -> bool {
        self.len() >= self.maxsize
    }

    /// Writes a message that the feeder has kept.
    pub(super) fn write_left(&self, message: &[u8]) {
        // There is nothing that could fail.
        let _ = self.ring.write(message, &PendingWrite(self));
    }

    /// A message that was counted for the feeder is so no more.
    pub(super) fn forget_left(&self) {
        self.pending.remove_one();
    }

    /// Writes a message and waits for room: for queues without a feeder.
    pub(super) fn put_and_wait(&self, message: &[u8]) {
        // There is nothing that could fail.
        let _ = self.ring.write(message, &());
    }

    fn write_or_count(&self, bytes: &[u8], order: Order, may_wait: bool) -> Written {
        if order == Order::First {
            let maxsize = match self.maxsize {
                u64::MAX => u64::MAX,
                maxsize => maxsize.saturating_sub(self.pending.count()),
            };
            match self.ring.try_write(bytes, maxsize) {
                Ok(()) => return Written::Done,
                Err(TryWriteError::Full) => return Written::Full,
                Err(TryWriteError::NoRoom) => {}
            }
        }
        if may_wait && Ring::fits(bytes.len()) {
            return Written::NoRoom;
        }
        let counted = self
            .pending
            .add_if(|pending| self.ring.len() + pending < self.maxsize);
        match counted {
            true => Written::Counted,
            false => Written::Full,
        }
    }
}

/// Waits are cut in slices, after each of which there is a look for processes that have ended.
fn end_of_slice(deadline: Option<Instant>) -> Instant {
    let slice = Instant::now() + POLL_INTERVAL;
    deadline.map_or(slice, |deadline| deadline.min(slice))
}

/// What the feeder has kept is counted in one place at a time.
struct PendingWrite<'a>(&'a ByteQueue);

impl WriteObserver for PendingWrite<'_> {
    fn on_counted(&self) {
        self.0.forget_left();
    }
}
