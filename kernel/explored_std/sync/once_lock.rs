//! `OnceLock`.

use super::once::take_turn;
use crate::steps::{Kind, Place};
use std::fmt;
use std::ops::Deref;
use std::panic::Location;

#[derive(Clone, PartialEq, Eq)]
#[repr(transparent)]
pub struct OnceLock<T>(std::sync::OnceLock<T>);

impl<T> OnceLock<T> {
    pub const fn new() -> OnceLock<T> {
        OnceLock(std::sync::OnceLock::new())
    }

    #[track_caller]
    pub fn get(&self) -> Option<&T> {
        self.turn(Kind::Load, Location::caller());
        self.0.get()
    }

    pub fn get_mut(&mut self) -> Option<&mut T> {
        self.0.get_mut()
    }

    #[track_caller]
    pub fn set(&self, value: T) -> Result<(), T> {
        self.turn(Kind::Initialize, Location::caller());
        self.0.set(value)
    }

    #[track_caller]
    pub fn get_or_init<F: FnOnce() -> T>(&self, f: F) -> &T {
        self.turn(Kind::Initialize, Location::caller());
        self.0.get_or_init(f)
    }

    pub fn into_inner(self) -> Option<T> {
        self.0.into_inner()
    }

    pub fn take(&mut self) -> Option<T> {
        self.0.take()
    }

    fn turn(&self, kind: Kind, place: Place) {
        take_turn(kind, (&raw const self.0).addr(), place, || self.0.get().is_some());
    }
}

impl<T> Default for OnceLock<T> {
    fn default() -> OnceLock<T> {
        OnceLock::new()
    }
}

impl<T> From<T> for OnceLock<T> {
    fn from(value: T) -> OnceLock<T> {
        OnceLock(value.into())
    }
}

impl<T> Deref for OnceLock<T> {
    type Target = std::sync::OnceLock<T>;

    fn deref(&self) -> &std::sync::OnceLock<T> {
        &self.0
    }
}

impl<T: fmt::Debug> fmt::Debug for OnceLock<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
