//! `Once`.

use crate::steps::{Kind, Place, Step, accessed};
use std::fmt;
use std::ops::Deref;
use std::panic::Location;
use std::sync::OnceState;

#[repr(transparent)]
pub struct Once(std::sync::Once);

impl Once {
    pub const fn new() -> Once {
        Once(std::sync::Once::new())
    }

    #[track_caller]
    pub fn call_once<F: FnOnce()>(&self, f: F) {
        self.turn(Kind::Initialize, Location::caller());
        self.0.call_once(f);
    }

    #[track_caller]
    pub fn call_once_force<F: FnOnce(&OnceState)>(&self, f: F) {
        self.turn(Kind::Initialize, Location::caller());
        self.0.call_once_force(f);
    }

    #[track_caller]
    pub fn is_completed(&self) -> bool {
        self.turn(Kind::Load, Location::caller());
        self.0.is_completed()
    }

    fn turn(&self, kind: Kind, place: Place) {
        take_turn(kind, (&raw const self.0).addr(), place, || self.0.is_completed());
    }
}

/// Waits for the turn to look at a value that is initialised once, or to initialise it. That is no step if it has been: nothing changes it
/// any more. Its end is none either: nobody can tell it from the initialiser's last step.
pub(super) fn take_turn(kind: Kind, object: usize, place: Place, is_initialized: impl Fn() -> bool) {
    if !is_initialized() {
        Step::new(kind, object, place).wait();
        let is_initialized = i128::from(is_initialized());
        accessed(kind, is_initialized, is_initialized);
    }
}

impl Deref for Once {
    type Target = std::sync::Once;

    fn deref(&self) -> &std::sync::Once {
        &self.0
    }
}

impl fmt::Debug for Once {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
