//! Which tests may run at the same time.
//!
//! cargo runs one test program after the other, and a program's tests on as many threads as there are cores. A test
//! that measures time, or that needs two threads of a cell to run at once, takes its turn alone.

use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

static CORES: RwLock<()> = RwLock::new(());

/// No other test of this program runs as long as this is held.
pub fn alone() -> RwLockWriteGuard<'static, ()> {
    CORES.write().unwrap_or_else(PoisonError::into_inner)
}

/// Keeps those away that want to be alone.
pub fn shared() -> RwLockReadGuard<'static, ()> {
    CORES.read().unwrap_or_else(PoisonError::into_inner)
}
