//! Tests of the walk, in the unoptimised or optimised code of this program, which has no frame pointers.

use super::*;
use crate::runtime::waits::table::waits;
use crate::runtime::waits::tests::start_once;
use crate::runtime::waits::{wait_begin, wait_end};
use std::ffi::{c_int, c_void};

unsafe extern "C" {
    /// The walk of libgcc, which panics use ("Level I: Base ABI", "_Unwind_Backtrace" of GCC).
    fn _Unwind_Backtrace(
        trace: extern "C" fn(*mut c_void, *mut c_void) -> c_int,
        argument: *mut c_void,
    ) -> c_int;
    fn _Unwind_GetIP(context: *mut c_void) -> usize;
}

extern "C" fn push(context: *mut c_void, addresses: *mut c_void) -> c_int {
    // SAFETY: `_Unwind_Backtrace` passes a frame, and the vector of `walks` below, which nothing else uses meanwhile.
    unsafe {
        let address = _Unwind_GetIP(context) as u64;
        (*addresses.cast::<Vec<u64>>()).push(address);
    }
    0
}

/// Returns the stack of the caller of a function that waits, by our walk and by libgcc's.
#[inline(never)]
fn walks() -> (Vec<u64>, Vec<u64>) {
    let process = memory::this_process();
    // SAFETY: the kind of a wait for tasks, which has no subject.
    let record = unsafe { wait_begin(11, 0, 0) };
    // SAFETY: gettid(2) takes nothing.
    let thread = unsafe { libc::gettid() };
    let wait = waits().remove(&(process, thread)).expect("the wait");
    let walked = walk(process, wait.frame, 64);
    let mut expected: Vec<u64> = Vec::new();
    // SAFETY: `push` takes a frame and the vector.
    unsafe { _Unwind_Backtrace(push, (&raw mut expected).cast()) };
    wait_end(record);
    (walked, expected)
}

/// Calls itself so many times, with a frame of its own size each.
#[inline(never)]
fn nested(depth: usize, sizes: &mut Vec<usize>) -> (Vec<u64>, Vec<u64>) {
    let buffer = std::hint::black_box([depth as u8; 300]);
    let found = match depth {
        0 => walks(),
        _ => nested(depth - 1, sizes),
    };
    sizes.push(buffer.len());
    found
}

#[test]
fn the_stack_is_the_one_that_a_panic_would_unwind() {
    start_once();
    read_tables();
    for _ in 0..2 {
        let (walked, expected) = nested(12, &mut Vec::new());
        // Both begin in `walks`, which has called two functions in two places. libgcc shows its end of the stack as well.
        let (walked, expected) = (&walked[1..], &expected[1..]);
        assert!(walked.len() > 12, "{walked:x?}");
        assert_eq!(walked, &expected[..walked.len()]);
        assert!(
            expected.len() - walked.len() <= 1,
            "{expected:x?}\n{walked:x?}"
        );
    }
}

#[test]
fn a_deep_stack_is_cut() {
    start_once();
    read_tables();
    let (walked, expected) = nested(200, &mut Vec::new());
    assert_eq!(walked[1..], expected[1..64]);
}

#[test]
fn what_is_no_stack_has_no_frames() {
    let process = memory::this_process();
    assert!(walk(process, Frame::default(), 64).is_empty());
    // What is no address of code.
    let frame = Frame {
        returns_to: 3,
        ..Frame::default()
    };
    assert_eq!(walk(process, frame, 64), [3]);
    // A function, without a stack.
    let frame = Frame {
        returns_to: walks as fn() -> _ as usize as u64 + 1,
        stack_pointer: 8,
        frame_pointer: 8,
    };
    assert_eq!(walk(process, frame, 64), [frame.returns_to]);
}
