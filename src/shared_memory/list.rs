//! A list of numbers and texts in named memory.

use std::fmt;
use std::io;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::format::{Stored, UNIT, slot_size, text_of};
use super::segment::SharedMemory;
use super::shareable::Shareable;
use crate::repr::repr;

/// A list in named memory: Python's `multiprocessing.shared_memory.ShareableList`.
///
/// Its length never changes, and no item may become longer than its slot: 8 bytes for a number, and for a text the next
/// multiple of 8 bytes above its first length. The format is Python's own, so a Python program can use the list too.
///
/// An item is read or written in several steps: if another process may change the list, protect it with a
/// [`Lock`](crate::prelude::Lock).
///
/// ```
/// use threadbook::prelude::*;
///
/// let list = ShareableList::new(["howdy".into(), 1.5.into(), 7.into(), ().into(), true.into()])?;
/// let same = ShareableList::attach(list.shm().name())?;
/// same.set(2, 8)?;
/// assert_eq!(list.get(2)?, Shareable::Int(8));
/// assert_eq!(list.format()?, "8sdqxxxxxx?xxxxxxxx?");
/// list.shm().unlink()?;
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone)]
pub struct ShareableList {
    memory: SharedMemory,
    /// Where each item's slot begins in the data, and last where the data ends.
    offsets: Vec<usize>,
}

impl ShareableList {
    /// Creates a list of these items in a new segment.
    ///
    /// # Errors
    /// `InvalidInput`: a text ends with a zero byte, which this format loses (Python loses it silently). Those of
    /// [`SharedMemory::create`].
    pub fn new(items: impl IntoIterator<Item = Shareable>) -> io::Result<Self> {
        Self::in_memory(items, SharedMemory::create)
    }

    /// As [`new`](Self::new), with a name for the segment.
    ///
    /// # Errors
    /// As of [`new`](Self::new); those of [`SharedMemory::create_named`].
    pub fn create_named(
        name: &str,
        items: impl IntoIterator<Item = Shareable>,
    ) -> io::Result<Self> {
        Self::in_memory(items, |size| SharedMemory::create_named(name, size))
    }

    fn in_memory(
        items: impl IntoIterator<Item = Shareable>,
        create: impl FnOnce(usize) -> io::Result<SharedMemory>,
    ) -> io::Result<Self> {
        let items: Vec<Shareable> = items.into_iter().collect();
        items.iter().try_for_each(check_end)?;
        let mut offsets = vec![0];
        for item in &items {
            offsets.push(offsets[offsets.len() - 1] + slot_size(item));
        }
        let count = items.len();
        let size = data_start(count) + offsets[count] + count * UNIT + count;
        let list = Self {
            memory: create(size)?,
            offsets,
        };
        list.memory.write(0, &(count as i64).to_ne_bytes());
        for (index, &offset) in list.offsets.iter().enumerate() {
            list.memory
                .write((index + 1) * UNIT, &(offset as i64).to_ne_bytes());
        }
        for (index, item) in items.iter().enumerate() {
            list.store(index, &Stored::new(item));
        }
        Ok(list)
    }

    /// Attaches to the list in the segment with this name.
    ///
    /// # Errors
    /// `InvalidData`: the segment holds no list. Those of [`SharedMemory::attach`].
    pub fn attach(name: &str) -> io::Result<Self> {
        let memory = SharedMemory::attach(name)?;
        let number = |index: usize| -> Option<usize> {
            let at = index * UNIT;
            let bytes = (at + UNIT <= memory.size()).then(|| memory.read(at..at + UNIT))?;
            usize::try_from(i64::from_ne_bytes(*bytes.first_chunk()?)).ok()
        };
        // A length that cannot fit is refused before anything is allocated for it.
        let offsets: Option<Vec<usize>> = number(0)
            .filter(|&count| count < memory.size() / UNIT)
            .and_then(|count| (1..=count + 1).map(number).collect());
        let is_list = |offsets: &Vec<usize>| {
            let count = offsets.len() - 1;
            let slots_grow = offsets.windows(2).all(|pair| pair[0] + UNIT <= pair[1]);
            let end = data_start(count) + count * UNIT + count;
            slots_grow
                && offsets[0] == 0
                && offsets[count]
                    .checked_add(end)
                    .is_some_and(|end| end <= memory.size())
        };
        match offsets.filter(is_list) {
            Some(offsets) => Ok(Self { memory, offsets }),
            None => Err(io::Error::new(
                io::ErrorKind::InvalidData,
                format!("shared memory {name:?} holds no ShareableList"),
            )),
        }
    }

    /// Returns a copy of the item at `index`.
    ///
    /// # Errors
    /// `InvalidInput`: `index out of range`. `InvalidData`: another process has damaged the item.
    pub fn get(&self, index: usize) -> io::Result<Shareable> {
        self.check(index, "index out of range")?;
        let format = self.format_of(index)?;
        let code = self.memory.get(self.code_at(index));
        let start = data_start(self.len());
        let (from, to) = (self.offsets[index], self.offsets[index + 1]);
        let slot = self.memory.read(start + from..start + to);
        Stored::item(&format, code, &slot).map_err(|what| damaged(index, &what))
    }

    /// Sets the item at `index`, which may get another type.
    ///
    /// # Errors
    /// `InvalidInput`: `assignment index out of range`; `bytes/str item exceeds available storage`; the text ends with a
    /// zero byte.
    pub fn set(&self, index: usize, item: impl Into<Shareable>) -> io::Result<()> {
        let item = item.into();
        self.check(index, "assignment index out of range")?;
        check_end(&item)?;
        let size = self.offsets[index + 1] - self.offsets[index];
        if text_of(&item).is_some_and(|text| text.len() > size) {
            return Err(invalid("bytes/str item exceeds available storage".into()));
        }
        self.store(index, &Stored::in_slot(&item, size));
        Ok(())
    }

    /// Returns the number of items, which never changes.
    #[expect(clippy::len_without_is_empty, reason = "Python's has a length alone")]
    pub fn len(&self) -> usize {
        self.offsets.len() - 1
    }

    /// Returns how many items are equal to `item`.
    ///
    /// # Errors
    /// `InvalidData`: another process has damaged an item.
    pub fn count(&self, item: impl Into<Shareable>) -> io::Result<usize> {
        let item = item.into();
        Ok(self
            .to_vec()?
            .iter()
            .filter(|&other| *other == item)
            .count())
    }

    /// Returns the index of the first item that is equal to `item`.
    ///
    /// # Errors
    /// `NotFound`: there is none. `InvalidData`: another process has damaged an item.
    pub fn index(&self, item: impl Into<Shareable>) -> io::Result<usize> {
        let item = item.into();
        let found = self.to_vec()?.iter().position(|other| *other == item);
        found.ok_or_else(|| {
            io::Error::new(
                io::ErrorKind::NotFound,
                format!("{item} not in this container"),
            )
        })
    }

    /// Returns copies of all items.
    ///
    /// # Errors
    /// `InvalidData`: another process has damaged an item.
    pub fn to_vec(&self) -> io::Result<Vec<Shareable>> {
        (0..self.len()).map(|index| self.get(index)).collect()
    }

    /// Returns the formats of all items, as Python's `struct` module writes them.
    ///
    /// # Errors
    /// `InvalidData`: another process has damaged one.
    pub fn format(&self) -> io::Result<String> {
        (0..self.len()).map(|index| self.format_of(index)).collect()
    }

    /// Returns the segment, to unlink it or to tell its name.
    pub fn shm(&self) -> &SharedMemory {
        &self.memory
    }

    fn store(&self, index: usize, stored: &Stored) {
        let mut format = [0; UNIT];
        format[..stored.format.len()].copy_from_slice(stored.format.as_bytes());
        self.memory.write(self.format_at(index), &format);
        self.memory.set(self.code_at(index), stored.code);
        let slot = data_start(self.len()) + self.offsets[index];
        self.memory.write(slot, &stored.bytes);
    }

    fn format_of(&self, index: usize) -> io::Result<String> {
        let at = self.format_at(index);
        let mut bytes = self.memory.read(at..at + UNIT);
        let end = bytes.iter().position(|&byte| byte == 0);
        bytes.truncate(end.unwrap_or(UNIT));
        String::from_utf8(bytes).map_err(|error| damaged(index, &error.to_string()))
    }

    fn format_at(&self, index: usize) -> usize {
        let count = self.len();
        data_start(count) + self.offsets[count] + index * UNIT
    }

    fn code_at(&self, index: usize) -> usize {
        self.format_at(self.len()) + index
    }

    fn check(&self, index: usize, message: &str) -> io::Result<()> {
        match index < self.len() {
            true => Ok(()),
            false => Err(invalid(message.into())),
        }
    }
}

/// Behind the length and the offsets, of which there is one more than items.
fn data_start(count: usize) -> usize {
    (count + 2) * UNIT
}

fn check_end(item: &Shareable) -> io::Result<()> {
    match text_of(item) {
        Some([.., 0]) => Err(invalid(format!(
            "{item} ends with a zero byte, which a ShareableList cannot keep: store its length too"
        ))),
        _ => Ok(()),
    }
}

fn invalid(message: String) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, message)
}

fn damaged(index: usize, what: &str) -> io::Error {
    io::Error::new(
        io::ErrorKind::InvalidData,
        format!("another process has damaged item {index} of the ShareableList: {what}"),
    )
}

impl Serialize for ShareableList {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.memory.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for ShareableList {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        Self::attach(&name).map_err(serde::de::Error::custom)
    }
}

/// As Python prints it: `ShareableList(['a', 1], name='psm_0123abcd')`.
impl fmt::Debug for ShareableList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let items = (0..self.len()).map(|index| match self.get(index) {
            Ok(item) => item.to_string(),
            Err(_) => "<damaged>".into(),
        });
        let items = items.collect::<Vec<_>>().join(", ");
        let name = repr(&self.memory.name().to_string());
        write!(f, "ShareableList([{items}], name={name})")
    }
}
