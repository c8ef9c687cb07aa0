//! The names of processes, for messages in other processes.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering::*};

use crate::mapping::{Shared, Zeroed};

/// The length of a stored name, in words of 8 bytes.
const NAME_WORDS: usize = 7;
const ENTRIES: usize = 1024;

/// Names by process id. A later process that maps to the same entry replaces it: the names are only for messages.
#[repr(C)]
struct Names {
    /// The main process's id. Its entry may be replaced, since its name is known.
    main: AtomicU32,
    entries: [Entry; ENTRIES],
}

pub(super) const MAIN_PROCESS: &str = "MainProcess";

#[repr(C)]
struct Entry {
    /// 0 while the name is being written.
    pid: AtomicU32,
    name: [AtomicU64; NAME_WORDS],
}

// SAFETY: integers changed through atomics alone; zeros are valid.
unsafe impl Zeroed for Names {}

/// Created before the first fork, so that all processes of the tree share it.
static NAMES: OnceLock<Shared<Names>> = OnceLock::new();

/// Creates the table, unless it exists; the caller is the main process, or has inherited it.
pub(super) fn share() {
    NAMES.get_or_init(|| {
        let names = Shared::<Names>::new("table of names");
        names.main.store(std::process::id(), Relaxed);
        names
    });
}

/// Stores the name of this process.
pub(super) fn set(name: &str) {
    if let Some(names) = NAMES.get() {
        names.entry(std::process::id()).write(name);
    }
}

/// Returns the name of a process of this tree, if it is still stored.
pub(crate) fn name_of(pid: u32) -> Option<String> {
    let names = NAMES.get()?;
    match names.main.load(Relaxed) == pid {
        true => Some(MAIN_PROCESS.into()),
        false => names.entry(pid).read(pid),
    }
}

impl Names {
    fn entry(&self, pid: u32) -> &Entry {
        &self.entries[pid as usize % ENTRIES]
    }
}

impl Entry {
    fn write(&self, name: &str) {
        let end = name.floor_char_boundary(NAME_WORDS * 8);
        let mut bytes = [0; NAME_WORDS * 8];
        bytes[..end].copy_from_slice(&name.as_bytes()[..end]);
        // A reader that sees one of the new words also sees this when it checks again.
        self.pid.swap(0, AcqRel);
        for (word, bytes) in self.name.iter().zip(bytes.as_chunks::<8>().0) {
            word.store(u64::from_ne_bytes(*bytes), Release);
        }
        self.pid.store(std::process::id(), Release);
    }

    fn read(&self, pid: u32) -> Option<String> {
        let is_its = || self.pid.load(Acquire) == pid;
        if !is_its() {
            return None;
        }
        let words = self.name.each_ref().map(|word| word.load(Acquire));
        if !is_its() {
            return None;
        }
        let bytes: Vec<u8> = words.into_iter().flat_map(u64::to_ne_bytes).collect();
        let end = bytes.iter().position(|&byte| byte == 0);
        String::from_utf8(bytes[..end.unwrap_or(bytes.len())].into()).ok()
    }
}
