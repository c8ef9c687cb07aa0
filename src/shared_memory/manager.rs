//! Segments that are unlinked together.

use std::fmt;
use std::io;
use std::sync::Mutex;

use super::list::ShareableList;
use super::segment::SharedMemory;
use super::shareable::Shareable;
use crate::os;
use crate::sync::lock;

/// Creates segments, and unlinks them all when it is dropped: Python's `multiprocessing.managers.SharedMemoryManager`.
///
/// Python's needs a process of its own; here the owner is this value, and [after a crash](super) the program's tracker
/// takes its place.
///
/// ```
/// use threadbook::prelude::*;
///
/// let manager = SharedMemoryManager::new();
/// let name = manager.shared_memory(64)?.name().to_string();
/// drop(manager);
/// assert_eq!(SharedMemory::attach(&name).unwrap_err().kind(), std::io::ErrorKind::NotFound);
/// # Ok::<(), std::io::Error>(())
/// ```
pub struct SharedMemoryManager {
    segments: Mutex<Vec<SharedMemory>>,
    /// The process that created it, and the only one that unlinks.
    owner_pid: u32,
}

impl SharedMemoryManager {
    /// Creates a manager without segments.
    pub fn new() -> Self {
        Self {
            segments: Mutex::default(),
            owner_pid: os::process_id(),
        }
    }

    /// Creates a segment of `size` bytes: Python's `manager.SharedMemory(size)`.
    ///
    /// # Errors
    /// Those of [`SharedMemory::create`].
    #[doc(alias = "SharedMemory")]
    pub fn shared_memory(&self, size: usize) -> io::Result<SharedMemory> {
        let memory = SharedMemory::create(size)?;
        lock(&self.segments).push(memory.clone());
        Ok(memory)
    }

    /// Creates a list of these items: Python's `manager.ShareableList(items)`.
    ///
    /// # Errors
    /// Those of [`ShareableList::new`].
    #[doc(alias = "ShareableList")]
    pub fn shareable_list(
        &self,
        items: impl IntoIterator<Item = Shareable>,
    ) -> io::Result<ShareableList> {
        let list = ShareableList::new(items)?;
        lock(&self.segments).push(list.shm().clone());
        Ok(list)
    }

    /// Unlinks all segments now. In a process other than the one that created the manager this does nothing.
    pub fn shutdown(&self) {
        if self.owner_pid != os::process_id() {
            return;
        }
        for memory in lock(&self.segments).drain(..) {
            // Someone may have unlinked it by hand.
            let _ = memory.unlink();
        }
    }
}

impl Default for SharedMemoryManager {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for SharedMemoryManager {
    fn drop(&mut self) {
        self.shutdown();
    }
}

impl fmt::Debug for SharedMemoryManager {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let segments = lock(&self.segments).len();
        write!(f, "<SharedMemoryManager segments={segments}>")
    }
}
