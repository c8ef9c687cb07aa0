//! What the kernel does with the running cell.

use std::ffi::c_void;
use std::sync::atomic::{AtomicU8, Ordering::Relaxed};

use super::symbol::Symbol;

/// What [`mode`] returns; any other number: nothing of this kind.
pub(super) const WATCHED: u8 = 1;
pub(super) const EXPLORED: u8 = 2;

type Switch = unsafe extern "C" fn() -> *const AtomicU8;

static SWITCH: Symbol = Symbol::new(c"threadbook_watch_switch");

/// Returns what the kernel does with the cell.
#[inline]
pub(super) fn mode() -> u8 {
    let Some(switch) = SWITCH.find() else {
        return 0;
    };
    // SAFETY: the kernel's function of this name has this signature, and stays loaded.
    let switch = unsafe { std::mem::transmute::<*mut c_void, Switch>(switch) };
    // SAFETY: it takes nothing, and returns null or the address of a number that is never removed.
    let switch = unsafe { switch().as_ref() };
    switch.map_or(0, |switch| switch.load(Relaxed))
}
