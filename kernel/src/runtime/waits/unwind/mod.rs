//! Walks the stack of a thread that waits, by the call frame information that compilers leave for panics. Code needs no frame pointers.

mod frame;
mod table;
mod tables;

use super::memory::{self, PAGE_WORDS};
pub use frame::{Caller, Frame};
pub use tables::read_tables;

/// Returns where the function of a frame and its callers go on, the innermost first, up to `most`.
///
/// The walk ends where a library has no call frame information, or was loaded after the last [`read_tables`]. The thread is one of
/// `process`, and should be asleep: a stack that changes meanwhile gives wrong addresses, but nothing worse.
pub fn walk(process: i32, frame: Frame, most: usize) -> Vec<u64> {
    let mut stack = Stack::of(process);
    let mut frame = Some(frame);
    let mut addresses = Vec::new();
    while let Some(Frame { returns_to, .. }) = frame
        && returns_to != 0
        && addresses.len() < most
    {
        addresses.push(returns_to);
        // The address of the call: what it returns to may belong to the next function.
        let rule = tables::rule(returns_to - 1);
        frame = frame.and_then(|frame| frame.caller(&rule?, |address| stack.word(address)));
    }
    addresses
}

/// The memory of a stack, read by pages.
struct Stack {
    process: i32,
    /// Where the page begins that was read last; 0 before the first.
    page: u64,
    words: [u64; PAGE_WORDS],
}

impl Stack {
    fn of(process: i32) -> Stack {
        Stack {
            process,
            page: 0,
            words: [0; PAGE_WORDS],
        }
    }

    fn word(&mut self, address: u64) -> Option<u64> {
        const PAGE_BYTES: u64 = (PAGE_WORDS * size_of::<u64>()) as u64;
        let offset = address % PAGE_BYTES;
        let page = address - offset;
        if page != self.page {
            self.words = memory::words_of(self.process, page)?;
            self.page = page;
        }
        let is_aligned = offset.is_multiple_of(8);
        is_aligned.then(|| self.words[offset as usize / 8])
    }
}

#[cfg(all(test, target_os = "linux", target_arch = "x86_64"))]
mod tests;
