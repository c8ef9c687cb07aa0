//! Proxies of locks.

use std::fmt;
use std::time::Duration;

use super::client::{RemoteObject, milliseconds, plain_proxy};
use super::error::ManagerError;
use super::wire::Op;

/// A lock in a manager's server: Python's `manager.Lock()`. Any process may release it.
#[derive(Clone)]
pub struct LockProxy {
    remote: RemoteObject,
}

plain_proxy!(LockProxy, "AcquirerProxy", "Lock");

/// A re-entrant lock in a manager's server: Python's `manager.RLock()`. It belongs to a thread, which may acquire it
/// again.
#[derive(Clone)]
pub struct RLockProxy {
    remote: RemoteObject,
}

plain_proxy!(RLockProxy, "AcquirerProxy", "RLock");

/// A held [`LockProxy`]. Dropping it releases the lock.
#[must_use = "the lock is released when this is dropped"]
pub struct LockProxyGuard<'a>(&'a RemoteObject);

/// A held [`RLockProxy`] or [`ConditionProxy`](super::ConditionProxy). Dropping it releases the lock once.
#[must_use = "the lock is released when this is dropped"]
pub struct RLockProxyGuard<'a>(pub(super) &'a RemoteObject);

/// Defines what all locks in a server have in common. `$release` says what `release` does.
macro_rules! lock_methods {
    ($name:ident, $guard:ident, $release:literal) => {
        /// # Errors
        /// All methods: [`Ended`](ManagerError::Ended), and what each says.
        impl $name {
            /// Acquires the lock, or returns [`OwnerDied`](ManagerError::OwnerDied).
            pub fn acquire(&self) -> Result<(), ManagerError> {
                self.remote.ask(Op::Acquire, -1).map(drop)
            }

            /// Acquires the lock. Blocks for at most `timeout`, and returns whether it has the lock; or
            /// [`OwnerDied`](ManagerError::OwnerDied).
            pub fn acquire_timeout(&self, timeout: Duration) -> Result<bool, ManagerError> {
                let (taken, _) = self.remote.ask(Op::Acquire, milliseconds(timeout))?;
                Ok(taken == 1)
            }

            #[doc = $release]
            pub fn release(&self) -> Result<(), ManagerError> {
                self.remote.ask(Op::Release, 0).map(drop)
            }

            /// Returns whether someone holds the lock.
            pub fn locked(&self) -> Result<bool, ManagerError> {
                self.remote
                    .ask(Op::Locked, 0)
                    .map(|(locked, _)| locked == 1)
            }

            /// Acquires the lock until the guard is dropped: Python's `with lock:`.
            pub fn lock(&self) -> Result<$guard<'_>, ManagerError> {
                self.acquire().map(|()| $guard(&self.remote))
            }
        }
    };
}

pub(super) use lock_methods;

lock_methods!(
    LockProxy,
    LockProxyGuard,
    "Releases the lock, or returns [`Value`](ManagerError::Value): `release unlocked lock`."
);
lock_methods!(
    RLockProxy,
    RLockProxyGuard,
    "Undoes one `acquire` of this thread, or returns [`Value`](ManagerError::Value): `cannot release un-acquired lock`."
);

macro_rules! guard {
    ($guard:ident, $typeid:literal) => {
        impl Drop for $guard<'_> {
            fn drop(&mut self) {
                // Without a server there is no lock either.
                let _ = self.0.ask(Op::Release, 0);
            }
        }

        impl fmt::Debug for $guard<'_> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.describe(f, "AcquirerProxy", $typeid)
            }
        }
    };
}

guard!(LockProxyGuard, "Lock");
guard!(RLockProxyGuard, "RLock");
