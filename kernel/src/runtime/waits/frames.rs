//! Walks the stack of a thread that waits by its frame pointers. `std`, cells, the helper and crates are compiled with them.

use super::memory;

/// No frame is larger, in bytes: what seems to be one is something else.
const MAX_FRAME_BYTES: u64 = 64 << 20;

/// Returns the return addresses of the function with this frame pointer and of its callers, the innermost first, up to
/// `most`. The thread is one of `process`, and should be asleep: a stack that changes meanwhile gives wrong addresses, but nothing worse.
pub fn walk(process: i32, frame_pointer: u64, most: usize) -> Vec<u64> {
    let mut addresses = Vec::new();
    let mut frame = frame_pointer;
    while addresses.len() < most && frame != 0 && frame.is_multiple_of(8) {
        let Some([caller, returns_to]) = memory::words_of(process, frame) else {
            break;
        };
        if returns_to == 0 {
            break;
        }
        addresses.push(returns_to);
        // Code without frame pointers may have left anything in the register.
        if caller <= frame || caller - frame > MAX_FRAME_BYTES {
            break;
        }
        frame = caller;
    }
    addresses
}
