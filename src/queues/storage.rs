//! What the processes of a queue share: the ring with the messages, and how many more wait in feeders.

use std::time::Instant;

use super::pending_items::PendingItems;
use crate::ipc::ring::{Ring, TryWriteError, WriteObserver};
use crate::notebook::{Blocked, BlockedOn};
use crate::wait::POLL_INTERVAL;

/// The shared memory of a queue.
pub(super) struct Storage {
    pub(super) ring: Ring,
    /// Items that wait in the feeders of all processes.
    pub(super) pending: PendingItems,
    /// The most items at a time; `u64::MAX` for no limit.
    maxsize: u64,
}

/// The result of the first attempt to write a message.
pub(super) enum FirstWrite {
    Written,
    /// The message is counted as pending: the feeder must keep it.
    Pending,
    /// There is no room, and the caller wants to wait for it.
    NoRoom,
    /// The queue has as many items as it may.
    Full,
}

impl Storage {
    /// For at most `maxsize` items; 0 for no limit.
    ///
    /// # Panics
    /// If the system has no memory to share.
    pub(super) fn new(maxsize: usize) -> Self {
        let (ring, pending) = Ring::new()
            .and_then(|ring| Ok((ring, PendingItems::new()?)))
            .unwrap_or_else(|error| panic!("no shared memory for this Queue: {error}"));
        Self {
            ring,
            pending,
            maxsize: if maxsize == 0 {
                u64::MAX
            } else {
                maxsize as u64
            },
        }
    }

    /// How many items were put and not taken.
    pub(super) fn len(&self) -> u64 {
        self.ring.len() + self.pending.count()
    }

    pub(super) fn is_full(&self) -> bool {
        self.len() >= self.maxsize
    }

    /// Writes a message, or counts it as pending.
    ///
    /// With `behind_pending`, earlier messages of this process are pending, and this one must not overtake them. With `may_wait`,
    /// a message that could be written once there is room is not counted.
    pub(super) fn write_or_count(
        &self,
        message: &[u8],
        behind_pending: bool,
        may_wait: bool,
    ) -> FirstWrite {
        if !behind_pending {
            let maxsize = match self.maxsize {
                u64::MAX => u64::MAX,
                maxsize => maxsize.saturating_sub(self.pending.count()),
            };
            match self.ring.try_write(message, maxsize) {
                Ok(()) => return FirstWrite::Written,
                Err(TryWriteError::Full) => return FirstWrite::Full,
                Err(TryWriteError::NoRoom) => {}
            }
        }
        if may_wait && Ring::fits(message.len()) {
            return FirstWrite::NoRoom;
        }
        let counted = self
            .pending
            .add_if(|pending| self.ring.len() + pending < self.maxsize);
        match counted {
            true => FirstWrite::Pending,
            false => FirstWrite::Full,
        }
    }

    /// Writes a message that was counted as pending.
    pub(super) fn write_pending(&self, message: &[u8]) {
        // With this observer, writing cannot fail.
        let _ = self.ring.write(message, &PendingWrite(self));
    }

    /// Waits until the queue has fewer items than it may. False: the deadline came first.
    pub(super) fn wait_for_slot(&self, deadline: Option<Instant>) -> bool {
        let has_slot = || !self.is_full();
        let _blocked = Blocked::on(BlockedOn::Send, deadline.is_some());
        loop {
            if self.ring.wait_for_reader(has_slot, next_poll(deadline)) {
                return true;
            }
            // Lost items take no slot.
            self.pending.forget_lost();
            if deadline.is_some_and(|deadline| deadline <= Instant::now()) {
                return has_slot();
            }
        }
    }
}

/// Returns when to interrupt a wait to check for processes that have exited.
pub(super) fn next_poll(deadline: Option<Instant>) -> Instant {
    let next = Instant::now() + POLL_INTERVAL;
    deadline.map_or(next, |deadline| deadline.min(next))
}

/// A pending message is counted in one place at a time: once the ring counts it, it is no longer pending.
struct PendingWrite<'a>(&'a Storage);

impl WriteObserver for PendingWrite<'_> {
    fn on_counted(&self) {
        self.0.pending.remove_one();
    }
}
