//! A segment of named memory.

use std::fmt;
use std::io;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering::Relaxed};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::files::{self, UnnamedFile};
use super::tracker;
use super::view::View;
use crate::mapping::Mapping;
use crate::repr::repr;
use crate::shared::Scalar;

/// Named memory that any process of the same user can attach to: Python's `multiprocessing.shared_memory.SharedMemory`.
///
/// A clone is the same handle. Serialized, it is its name: who receives it attaches.
///
/// Each byte, and each number of a [`view`](Self::view), is read and written whole, but another process may write
/// between two of your steps: protect longer ones with a [`Lock`](crate::prelude::Lock).
///
/// ```
/// use threadbook::prelude::*;
///
/// let memory = SharedMemory::create(16)?;
/// let name = memory.name().to_string();
/// let mut p = Process::new(move || {
///     let same = SharedMemory::attach(&name).unwrap();
///     same.write(0, b"hello");
/// });
/// p.start()?;
/// p.join()?;
/// assert_eq!(memory.read(0..5), b"hello");
/// memory.unlink()?;
/// # Ok::<(), std::io::Error>(())
/// ```
#[doc(alias = "multiprocessing.shared_memory")]
#[derive(Clone)]
pub struct SharedMemory(Arc<Segment>);

struct Segment {
    name: String,
    mapping: Mapping,
    size: usize,
    inode: u64,
    /// This handle has created the segment, and no one has called `keep` or `unlink`.
    tracked: AtomicBool,
}

impl SharedMemory {
    /// Creates a segment of `size` bytes, all zero, with a new name.
    ///
    /// # Errors
    /// `InvalidInput`: `size` is 0. The system has no memory or descriptor left.
    pub fn create(size: usize) -> io::Result<Self> {
        loop {
            match Self::create_named(&files::random_name(), size) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                result => return result,
            }
        }
    }

    /// Creates a segment with this name (1 to 255 bytes, no `/` except in front, no line break).
    ///
    /// # Errors
    /// `AlreadyExists`: there is one; Python's FileExistsError. `InvalidInput`: an invalid name, or `size` is 0. The
    /// system has no memory or descriptor left.
    pub fn create_named(name: &str, size: usize) -> io::Result<Self> {
        let name = files::checked(name)?;
        if size == 0 {
            return Err(io::Error::new(
                io::ErrorKind::InvalidInput,
                "'size' must be a positive number different from zero",
            ));
        }
        let file = UnnamedFile::new(size as u64)?;
        let inode = file.inode;
        // Before it has its name, so that it has none while it is not tracked.
        tracker::add(inode, name)?;
        let mapped = file
            .link(name)
            .and_then(|file| Mapping::of_file(&file, size).inspect_err(|_| drop_name(name)));
        let mapping = mapped.inspect_err(|_| tracker::remove(inode, name))?;
        Ok(Self(Arc::new(Segment {
            name: name.into(),
            mapping,
            size,
            inode,
            tracked: AtomicBool::new(true),
        })))
    }

    /// Attaches to the segment with this name, whoever has created it.
    ///
    /// # Errors
    /// `NotFound`: there is none; Python's FileNotFoundError. `PermissionDenied`: it is another user's. `InvalidInput`:
    /// an invalid name, or an empty file.
    pub fn attach(name: &str) -> io::Result<Self> {
        use std::os::unix::fs::MetadataExt;

        let name = files::checked(name)?;
        let file = files::open(name)?;
        let metadata = file.metadata()?;
        let size = metadata.len() as usize;
        if size == 0 {
            return Err(io::Error::new(
                io::ErrorKind::InvalidInput,
                format!("shared memory {name:?} has no bytes: its creator has not set its size"),
            ));
        }
        Ok(Self(Arc::new(Segment {
            name: name.into(),
            mapping: Mapping::of_file(&file, size)?,
            size,
            inode: metadata.ino(),
            tracked: AtomicBool::new(false),
        })))
    }

    /// Returns the name, with which other processes attach.
    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// Returns the number of bytes, which never changes.
    pub fn size(&self) -> usize {
        self.0.size
    }

    /// Returns the byte at `index`.
    ///
    /// # Panics
    /// If `index` is not less than the size.
    #[track_caller]
    pub fn get(&self, index: usize) -> u8 {
        self.view::<u8>().get(index)
    }

    /// Sets the byte at `index`.
    ///
    /// # Panics
    /// If `index` is not less than the size.
    #[track_caller]
    pub fn set(&self, index: usize, byte: u8) {
        self.view::<u8>().set(index, byte);
    }

    /// Returns a copy of the bytes in `range`: Python's `bytes(m.buf[start:end])`.
    ///
    /// # Panics
    /// If the range does not lie within the segment.
    #[track_caller]
    pub fn read(&self, range: Range<usize>) -> Vec<u8> {
        let mut copy = vec![0; range.len()];
        self.check(range.start, copy.len());
        let (mut words, bytes) = first_word(range.start, range.end);
        let (head, rest) = copy.split_at_mut(bytes);
        let (chunks, tail) = rest.as_chunks_mut::<8>();
        for (offset, byte) in head.iter_mut().enumerate() {
            *byte = self.byte(range.start + offset).load(Relaxed);
        }
        for chunk in &mut *chunks {
            *chunk = self.word(words).load(Relaxed).to_ne_bytes();
            words += 8;
        }
        for (offset, byte) in tail.iter_mut().enumerate() {
            *byte = self.byte(words + offset).load(Relaxed);
        }
        copy
    }

    /// Writes `bytes` from `index` on: Python's `m.buf[index:index + len(bytes)] = bytes`.
    ///
    /// # Panics
    /// If they do not fit.
    #[track_caller]
    pub fn write(&self, index: usize, bytes: &[u8]) {
        self.check(index, bytes.len());
        let (mut words, before) = first_word(index, index + bytes.len());
        let (head, rest) = bytes.split_at(before);
        let (chunks, tail) = rest.as_chunks::<8>();
        for (offset, &byte) in head.iter().enumerate() {
            self.byte(index + offset).store(byte, Relaxed);
        }
        for chunk in chunks {
            self.word(words).store(u64::from_ne_bytes(*chunk), Relaxed);
            words += 8;
        }
        for (offset, &byte) in tail.iter().enumerate() {
            self.byte(words + offset).store(byte, Relaxed);
        }
    }

    /// Returns the segment as numbers of one type, as many as fit: Python's `np.ndarray` on `m.buf`, or
    /// `m.buf.cast("q")`.
    ///
    /// ```
    /// # use threadbook::prelude::*;
    /// let memory = SharedMemory::create(4 * 8)?;
    /// let numbers = memory.view::<f64>();
    /// numbers.set(3, 0.5);
    /// assert_eq!(numbers.to_vec(), [0.0, 0.0, 0.0, 0.5]);
    /// memory.unlink()?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[doc(alias = "buf")]
    pub fn view<T: Scalar>(&self) -> View<'_, T> {
        View::new(&self.0.mapping, self.0.size)
    }

    /// Ends this handle. The segment stays, with its name, until someone calls [`unlink`](Self::unlink) and the last
    /// process has closed it.
    pub fn close(self) {}

    /// Removes the name. Processes that have the segment keep it; its memory is freed when the last one has closed it.
    ///
    /// # Errors
    /// `NotFound`: the name was removed before; Python's FileNotFoundError.
    pub fn unlink(&self) -> io::Result<()> {
        files::remove(self.name())?;
        self.0.tracked.store(false, Relaxed);
        tracker::remove(self.0.inode, self.name());
        Ok(())
    }

    /// Lets the segment outlive this program: it stays until someone unlinks it, or the machine is shut down. Python's
    /// `track=False`.
    #[doc(alias = "track")]
    pub fn keep(&self) {
        if self.0.tracked.swap(false, Relaxed) {
            tracker::remove(self.0.inode, self.name());
        }
    }

    #[track_caller]
    fn check(&self, index: usize, len: usize) {
        let size = self.size();
        assert!(
            index.checked_add(len).is_some_and(|end| end <= size),
            "SharedMemory index out of range: {len} bytes from index {index} on, the size is {size}"
        );
    }

    /// The caller has checked `index`.
    fn byte(&self, index: usize) -> &AtomicU8 {
        debug_assert!(index < self.size());
        // SAFETY: within the mapping, as the caller has checked; only atomics access it.
        unsafe {
            self.0
                .mapping
                .start()
                .cast::<AtomicU8>()
                .add(index)
                .as_ref()
        }
    }

    /// The caller has checked that a word begins at `index`, a multiple of 8.
    fn word(&self, index: usize) -> &AtomicU64 {
        debug_assert!(index.is_multiple_of(8) && index + 8 <= self.size());
        // SAFETY: within the mapping and aligned, as the caller has checked: the mapping begins at a page.
        unsafe {
            self.0
                .mapping
                .start()
                .add(index)
                .cast::<AtomicU64>()
                .as_ref()
        }
    }
}

/// Returns where the aligned words of a range begin, and how many bytes are before them.
fn first_word(start: usize, end: usize) -> (usize, usize) {
    let aligned = start.next_multiple_of(8).min(end);
    (aligned, aligned - start)
}

/// Undoes a creation that failed halfway.
fn drop_name(name: &str) {
    // If it is gone already, all is well.
    let _ = files::remove(name);
}

impl Serialize for SharedMemory {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.name().serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for SharedMemory {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        Self::attach(&name).map_err(serde::de::Error::custom)
    }
}

/// As Python prints it: `SharedMemory('psm_0123abcd', size=16)`.
impl fmt::Debug for SharedMemory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "SharedMemory({}, size={})",
            repr(&self.0.name),
            self.size()
        )
    }
}
