//! The names of processes, for messages in other processes.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering::*};

use crate::mapping::{Shared, Zeroed};

/// Bytes of a name that are kept, in words.
const WORDS: usize = 7;
const ENTRIES: usize = 1024;

/// Names by process id. A later process with the same place takes it over: the names are for messages.
#[repr(C)]
struct Names {
    /// The main process's id. Its place may be taken over; its name is known.
    main: AtomicU32,
    entries: [Entry; ENTRIES],
}

pub(super) const MAIN: &str = "MainProcess";

#[repr(C)]
struct Entry {
    /// 0 while the name is being written.
    pid: AtomicU32,
    name: [AtomicU64; WORDS],
}

// SAFETY: integers changed through atomics alone; zeros are valid.
unsafe impl Zeroed for Names {}

/// Made before the first fork, so that the whole family has it.
static NAMES: OnceLock<Shared<Names>> = OnceLock::new();

/// Sets the table up; the caller is the main process, or has it already.
pub(super) fn share() {
    NAMES.get_or_init(|| {
        let names = Shared::<Names>::new("table of names");
        names.main.store(std::process::id(), Relaxed);
        names
    });
}

/// Notes the name of this process.
pub(super) fn set(name: &str) {
    if let Some(names) = NAMES.get() {
        names.entry(std::process::id()).write(name);
    }
}

/// The name of a process of this family, if it is still known.
pub(crate) fn name_of(pid: u32) -> Option<String> {
    let names = NAMES.get()?;
    match names.main.load(Relaxed) == pid {
        true => Some(MAIN.into()),
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
        let end = name.floor_char_boundary(WORDS * 8);
        let mut bytes = [0; WORDS * 8];
        bytes[..end].copy_from_slice(&name.as_bytes()[..end]);
        // A reader that sees one of the new words sees this too when it looks again.
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
