//! Walks the calling thread's stack by its frame pointers. `std`, cells, the helper and crates are compiled with them.

use std::cell::Cell;
use std::ops::Range;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::Relaxed;

thread_local! {
    /// The thread's stack, once it is known.
    static STACK: Cell<Option<(usize, usize)>> = const { Cell::new(None) };
}

/// Stores the return addresses of the function whose frame pointer is `frame` and of its callers, innermost first, and 0 behind the
/// last one.
pub fn record(frame: usize, addresses: &[AtomicU64]) {
    let stack = stack();
    let mut frame = frame;
    let mut recorded = 0;
    for address in addresses {
        // Code without frame pointers may have left anything in the register.
        let is_frame = stack.contains(&frame) && frame.is_multiple_of(8) && stack.end - frame >= 16;
        if !is_frame {
            break;
        }
        // SAFETY: two words at an aligned address inside of the calling thread's stack, above its stack pointer. Whatever they hold
        // is a valid number.
        let (caller, returns_to) = unsafe {
            let words = frame as *const usize;
            (words.read(), words.add(1).read())
        };
        if returns_to == 0 {
            break;
        }
        address.store(returns_to as u64, Relaxed);
        recorded += 1;
        if caller <= frame {
            break;
        }
        frame = caller;
    }
    if let Some(end) = addresses.get(recorded) {
        end.store(0, Relaxed);
    }
}

/// Returns the part of the calling thread's stack that is in use; empty if it is unknown, or the thread is at its end.
fn stack() -> Range<usize> {
    let here = 0_u8;
    let here = std::ptr::from_ref(&here).addr();
    let known = STACK.try_with(|stack| {
        let bounds = stack.get().unwrap_or_else(bounds);
        stack.set(Some(bounds));
        bounds
    });
    let (start, end) = known.unwrap_or_default();
    // A coroutine runs on another stack.
    if (start..end).contains(&here) {
        here..end
    } else {
        0..0
    }
}

#[cfg(target_os = "linux")]
fn bounds() -> (usize, usize) {
    // SAFETY: pthread_getattr_np(3) initialises the attributes of a live thread, which are then read and destroyed.
    unsafe {
        let mut attributes: libc::pthread_attr_t = std::mem::zeroed();
        if libc::pthread_getattr_np(libc::pthread_self(), &mut attributes) != 0 {
            return (0, 0);
        }
        let (mut start, mut size) = (std::ptr::null_mut(), 0);
        let failed = libc::pthread_attr_getstack(&attributes, &mut start, &mut size);
        libc::pthread_attr_destroy(&mut attributes);
        match failed {
            0 => (start.addr(), start.addr() + size),
            _ => (0, 0),
        }
    }
}

#[cfg(not(target_os = "linux"))]
fn bounds() -> (usize, usize) {
    (0, 0)
}
