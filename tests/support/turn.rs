//! Decides which tests may run at the same time.
//!
//! cargo runs one test program after the other, and a program's tests on several threads. A test that measures time, or needs
//! two threads of a cell to run in parallel, runs alone.

use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

static CORES: RwLock<()> = RwLock::new(());

/// Waits until no other test that takes a turn runs. None starts while the guard is held.
pub fn alone() -> RwLockWriteGuard<'static, ()> {
    CORES.write().unwrap_or_else(PoisonError::into_inner)
}

/// Waits until no test runs [`alone`]. None starts while the guard is held.
pub fn shared() -> RwLockReadGuard<'static, ()> {
    CORES.read().unwrap_or_else(PoisonError::into_inner)
}
