//! A queue of byte strings: what all kinds of queues have in common, without the code of any item type.

use std::sync::Arc;
use std::time::Instant;

use super::backoff::MAX_ROOM_WAIT;
use super::error::QueueError;
use super::feeder::{Feeder, PutOutcome};
use super::storage::{Storage, next_poll};
use crate::ipc::fork_local::ForkLocal;
use crate::notebook::{Blocked, BlockedOn};

pub(super) struct ByteQueue {
    storage: Arc<Storage>,
    /// Each process has its own: a child has none of the parent's items and no thread.
    feeder: ForkLocal<Feeder>,
}

impl ByteQueue {
    /// Creates a queue of at most `maxsize` items; 0 for no limit.
    ///
    /// # Panics
    /// If the system has no memory to share.
    pub(super) fn new(maxsize: usize) -> Self {
        Self {
            storage: Arc::new(Storage::new(maxsize)),
            feeder: ForkLocal::new(),
        }
    }

    pub(super) fn feeder(&self) -> &Feeder {
        self.feeder.get()
    }

    /// Puts a message. Blocks until `deadline` (None: no limit) while the queue is full.
    pub(super) fn put(&self, message: &[u8], deadline: Option<Instant>) -> Result<(), QueueError> {
        let (feeder, storage) = (self.feeder(), &self.storage);
        let mut may_wait = feeder.backoff.may_wait();
        loop {
            let outcome = feeder.put(storage, message, may_wait);
            match outcome.map_err(QueueError::NoThread)? {
                PutOutcome::Done => return Ok(()),
                PutOutcome::Closed => return Err(QueueError::Closed),
                PutOutcome::NoRoom => {
                    let deadline = Instant::now() + MAX_ROOM_WAIT;
                    let helped = feeder.wait_briefly()
                        && storage.ring.wait_for_room(message.len(), deadline);
                    feeder.backoff.record_wait(helped);
                    may_wait = false;
                    continue;
                }
                PutOutcome::Full => {}
            }
            if !storage.wait_for_slot(deadline) {
                return Err(QueueError::Full);
            }
        }
    }

    /// Takes a message. Blocks until `deadline` (None: no limit) while the queue is empty.
    pub(super) fn get(
        &self,
        message: &mut Vec<u8>,
        deadline: Option<Instant>,
    ) -> Result<(), QueueError> {
        if self.feeder().is_closed() {
            return Err(QueueError::Closed);
        }
        let Storage { ring, pending, .. } = &*self.storage;
        let ended = |pid| QueueError::WriterEnded { pid };
        let mut blocked = None;
        loop {
            if ring.has_message() {
                match ring.try_read(message) {
                    Ok(true) => return Ok(()),
                    // Another reader was faster.
                    Ok(false) => continue,
                    Err(writer) => return Err(ended(writer.pid)),
                }
            }
            blocked.get_or_insert_with(|| Blocked::on(BlockedOn::Receive, deadline.is_some()));
            if ring.wait_for_writer(next_poll(deadline)) {
                continue;
            }
            pending.forget_lost();
            if let Some(pid) = pending.take_lost() {
                return Err(ended(pid));
            }
            if deadline.is_some_and(|deadline| deadline <= Instant::now()) {
                return Err(QueueError::Empty);
            }
        }
    }

    /// The address by which a watched cell knows the queue.
    pub(super) fn identity(&self) -> usize {
        self.storage.ring.identity()
    }

    /// Returns how many items were put and not taken.
    pub(super) fn len(&self) -> u64 {
        self.storage.len()
    }

    pub(super) fn is_full(&self) -> bool {
        self.storage.is_full()
    }

    /// Writes a message, and blocks until there is room: for queues without a feeder.
    pub(super) fn put_and_wait(&self, message: &[u8]) {
        // With this observer, writing cannot fail.
        let _ = self.storage.ring.write(message, &());
    }
}
