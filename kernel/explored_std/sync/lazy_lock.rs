//! `LazyLock`.

use super::once::take_turn;
use crate::steps::Kind;
use std::fmt;
use std::ops::Deref;
use std::panic::Location;

#[repr(transparent)]
pub struct LazyLock<T, F = fn() -> T>(std::sync::LazyLock<T, F>);

impl<T, F: FnOnce() -> T> LazyLock<T, F> {
    pub const fn new(f: F) -> LazyLock<T, F> {
        LazyLock(std::sync::LazyLock::new(f))
    }

    #[track_caller]
    pub fn force(this: &LazyLock<T, F>) -> &T {
        let is_initialized = || std::sync::LazyLock::get(&this.0).is_some();
        let object = (&raw const this.0).addr();
        take_turn(Kind::Initialize, object, Location::caller(), is_initialized);
        std::sync::LazyLock::force(&this.0)
    }
}

impl<T, F: FnOnce() -> T> Deref for LazyLock<T, F> {
    type Target = T;

    #[track_caller]
    fn deref(&self) -> &T {
        LazyLock::force(self)
    }
}

impl<T: Default> Default for LazyLock<T> {
    fn default() -> LazyLock<T> {
        LazyLock::new(T::default)
    }
}

impl<T: fmt::Debug, F> fmt::Debug for LazyLock<T, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
