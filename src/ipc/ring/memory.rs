//! The memory of a ring: its header and its bytes.

use std::io;
use std::ptr::{self, NonNull};
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

use crate::ipc::robust::RobustMutex;
use crate::mapping::Mapping;

/// A ring of bytes in shared memory. The other files of this directory add the operations.
pub(crate) struct Ring {
    mapping: Mapping,
}

/// The length of a message's prefix: its length and its number.
pub(super) const PREFIX_LEN: u64 = 2 * size_of::<u64>() as u64;

/// Bytes in flight: enough for three messages of 64 KiB, and small enough for a core's cache.
pub(super) const CAPACITY: u64 = 256 * 1024;

/// The bytes of the ring follow the header in the mapping. Positions count all bytes since the beginning and never
/// decrease.
#[repr(C)]
pub(super) struct Header {
    pub(super) write_lock: RobustMutex,
    pub(super) read_lock: RobustMutex,
    pub(super) writer: Side,
    pub(super) reader: Side,
    /// The end of the message that a reader is taking in pieces. If that reader is killed, the next one skips to it.
    pub(super) reading_to: AtomicU64,
    /// 1 while a message is counted and not yet completely written.
    pub(super) unfinished: AtomicU32,
    /// Where that message begins and ends.
    pub(super) unfinished_from: AtomicU64,
    pub(super) unfinished_to: AtomicU64,
    /// Where a message breaks off because its writer exited, or 0. Nothing is written behind it until a reader has come
    /// here and reset this, so there is never more than one.
    pub(super) broken_at: AtomicU64,
    /// The process that wrote the broken message.
    pub(super) broken_by: AtomicU32,
    /// The process whose message is unfinished.
    pub(super) written_by: AtomicU32,
    /// 1 from just before a message (or its beginning) is visible until `WriteObserver::on_visible` has announced it.
    pub(super) unannounced: AtomicU32,
    /// Incremented to interrupt a writer that waits for room, see [`Ring::interrupt_writers`].
    pub(super) interruptions: AtomicU32,
}

/// What one side tells the other. On a cache line of its own.
#[repr(C, align(128))]
pub(super) struct Side {
    /// All bytes before it are written, or read.
    pub(super) position: AtomicU64,
    /// How many messages that is. Set from the number that each message carries, not incremented, so that an update
    /// that a killed process missed is made up for by the next message.
    pub(super) messages: AtomicU64,
    /// Counts the wake-ups. The futex of the other side.
    pub(super) wakes: AtomicU32,
    /// How many threads of the other side sleep or are about to. One that was killed asleep stays counted, which costs
    /// system calls.
    pub(super) sleepers: AtomicU32,
    /// The least position that one of them waits for. Only used on the reader's side: a writer that waits for room is
    /// woken when there is plenty, not by every message.
    pub(super) wanted: AtomicU64,
}

impl Ring {
    /// The address of the memory, which all processes that share it have in common.
    pub(crate) fn identity(&self) -> usize {
        self.mapping.start().as_ptr().expose_provenance()
    }

    pub(crate) fn new() -> io::Result<Self> {
        let mapping = Mapping::new(size_of::<Header>() + CAPACITY as usize)?;
        let header: *mut Header = mapping.start().as_ptr().cast();
        // SAFETY: the mapping is new, large enough and page-aligned. Zeros are a valid header except for the mutexes,
        // which are initialised here before anyone else sees it.
        unsafe {
            RobustMutex::init(&raw mut (*header).write_lock)?;
            RobustMutex::init(&raw mut (*header).read_lock)?;
        }
        Ok(Self { mapping })
    }

    pub(super) fn has_bytes(&self) -> bool {
        let header = self.header();
        header.reader.position.load(Ordering::SeqCst)
            != header.writer.position.load(Ordering::SeqCst)
    }

    pub(super) fn copy_in(&self, position: u64, bytes: &[u8]) {
        let (first, at) = self.split(position, bytes.len());
        // SAFETY: `split` keeps both parts inside the ring. The writer's lock is held and `room_for` held true, so no
        // one else reads or writes these bytes.
        unsafe {
            ptr::copy_nonoverlapping(bytes.as_ptr(), at.as_ptr(), first);
            ptr::copy_nonoverlapping(
                bytes[first..].as_ptr(),
                self.bytes().as_ptr(),
                bytes.len() - first,
            );
        }
    }

    /// Appends `count` bytes to `message`.
    pub(super) fn copy_out(&self, position: u64, count: usize, message: &mut Vec<u8>) {
        let (first, at) = self.split(position, count);
        message.reserve(count);
        let end = message.spare_capacity_mut().as_mut_ptr().cast::<u8>();
        // SAFETY: as in `copy_in`; the reader's lock is held and these bytes are written but not yet read, so no writer
        // touches them. There is room for `count` bytes at `end`, and that many are initialised before the length
        // includes them.
        unsafe {
            ptr::copy_nonoverlapping(at.as_ptr(), end, first);
            ptr::copy_nonoverlapping(self.bytes().as_ptr(), end.add(first), count - first);
            message.set_len(message.len() + count);
        }
    }

    /// Returns the number at `position`.
    pub(super) fn word_at(&self, position: u64) -> u64 {
        let mut word = [0; 8];
        let (first, at) = self.split(position, 8);
        // SAFETY: as in `copy_out`, and `word` has the 8 bytes.
        unsafe {
            ptr::copy_nonoverlapping(at.as_ptr(), word.as_mut_ptr(), first);
            ptr::copy_nonoverlapping(self.bytes().as_ptr(), word[first..].as_mut_ptr(), 8 - first);
        }
        u64::from_le_bytes(word)
    }

    /// Returns how many of `count` bytes at `position` come before the end of the ring, and the address of the first.
    fn split(&self, position: u64, count: usize) -> (usize, NonNull<u8>) {
        let offset = (position % CAPACITY) as usize;
        assert!(count <= CAPACITY as usize, "more bytes than the ring has");
        // SAFETY: the offset is below the capacity, and so inside the mapping.
        let at = unsafe { self.bytes().add(offset) };
        (count.min(CAPACITY as usize - offset), at)
    }

    pub(super) fn bytes(&self) -> NonNull<u8> {
        // SAFETY: the mapping is longer than the header by the capacity.
        unsafe { self.mapping.start().add(size_of::<Header>()) }
    }

    pub(super) fn header(&self) -> &Header {
        // SAFETY: `new` initialised the header; it lives as long as the mapping and is changed only by atomics and
        // mutexes.
        unsafe { self.mapping.start().cast().as_ref() }
    }
}
