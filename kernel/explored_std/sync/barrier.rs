//! `Barrier`.

use crate::steps::{Kind, Step};
use std::fmt;
use std::ops::Deref;
use std::panic::Location;
use std::sync::BarrierWaitResult;

#[repr(transparent)]
pub struct Barrier(std::sync::Barrier);

impl Barrier {
    pub const fn new(parties: usize) -> Barrier {
        Barrier(std::sync::Barrier::new(parties))
    }

    #[track_caller]
    pub fn wait(&self) -> BarrierWaitResult {
        Step::new(Kind::Arrive, (&raw const self.0).addr(), Location::caller()).wait();
        self.0.wait()
    }
}

impl Deref for Barrier {
    type Target = std::sync::Barrier;

    fn deref(&self) -> &std::sync::Barrier {
        &self.0
    }
}

impl fmt::Debug for Barrier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
