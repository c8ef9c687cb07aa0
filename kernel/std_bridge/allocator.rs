//! The allocator of all cells: the notebook's `#[global_allocator]`, or the system's if it has none.
//!
//! rustc gives each library that defines a global allocator the functions by which its code allocates. This library exports them, and it
//! is loaded before `std` and before any cell, so that the loader binds the calls of all these to them.

use std::alloc::{GlobalAlloc, Layout, System};
use std::ptr;
use std::sync::atomic::{AtomicPtr, Ordering};

/// What the notebook has defined.
pub type Allocator = &'static (dyn GlobalAlloc + Sync);

/// Points to the notebook's allocator, or is null.
static DEFINED: AtomicPtr<Allocator> = AtomicPtr::new(ptr::null_mut());

#[global_allocator]
static FORWARDING: Forwarding = Forwarding;

struct Forwarding;

// SAFETY: both allocators keep the contract. What one of them allocated, the other one may free: before a notebook defines its
// allocator, everything is of the system's, on which the notebook's is built.
unsafe impl GlobalAlloc for Forwarding {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller keeps the contract, here and below.
        unsafe { defined().map_or_else(|| System.alloc(layout), |own| own.alloc(layout)) }
    }

    unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
        // SAFETY: see above.
        unsafe { defined().map_or_else(|| System.dealloc(place, layout), |own| own.dealloc(place, layout)) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: see above.
        unsafe { defined().map_or_else(|| System.alloc_zeroed(layout), |own| own.alloc_zeroed(layout)) }
    }

    unsafe fn realloc(&self, place: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: see above.
        unsafe { defined().map_or_else(|| System.realloc(place, layout, size), |own| own.realloc(place, layout, size)) }
    }
}

fn defined() -> Option<Allocator> {
    // SAFETY: the pointer is null or that of a reference which is never freed.
    unsafe { DEFINED.load(Ordering::Acquire).as_ref() }.copied()
}

/// Lets all code allocate with the notebook's allocator from now on.
#[unsafe(no_mangle)]
pub extern "C" fn threadbook_std_bridge_allocate_with(allocator: &'static mut Allocator) {
    DEFINED.store(allocator, Ordering::Release);
}
