//! One value in shared memory.

use std::fmt;
use std::ops::{Deref, DerefMut};
use std::panic::Location;
use std::sync::Arc;

use super::plain::Plain;
use super::raw_value::{RawValue, Scalar};
use super::synchronized::{Synchronized, SynchronizedGuard};
use crate::notebook::watched;

/// One value in shared memory: Python's `multiprocessing.Value`.
///
/// A clone is the same value, also in a [`Process`](crate::prelude::Process) that received it. `get` and `set` each
/// take the lock for themselves, so `v.set(v.get() + 1)` can lose updates; `*v.get_lock() += 1` cannot.
///
/// ```
/// use threadbook::prelude::*;
///
/// let sum = Value::new(0);
/// let in_child = sum.clone();
/// let mut p = Process::new(move || in_child.set(30));
/// p.start()?;
/// p.join()?;
/// assert_eq!(sum.get(), 30);
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// The lock is re-entrant: `get` and `set` work while the same thread has a guard. But they cannot access the value
/// behind the back of a guard that was written through (nor can `set`, of one that was read): that panics, as a second
/// borrow of a `RefCell` does.
///
/// A type that contains pointers, such as `String`, does not compile: another process could not follow them.
///
/// ```compile_fail,E0277
/// threadbook::prelude::Value::new(String::new());
/// ```
///
/// # Panics
/// Every method panics if the thread that held the lock has exited without releasing it, for example because it was
/// killed.
pub struct Value<T: Plain> {
    inner: Arc<Synchronized<T>>,
}

/// The lock of a [`Value`], held until this is dropped. Dereferences to the value.
pub struct ValueGuard<'a, T: Plain>(SynchronizedGuard<'a, T>);

impl<T: Plain> Value<T> {
    /// Creates a value in new shared memory.
    ///
    /// # Panics
    /// If the system has no memory to share.
    pub fn new(value: T) -> Self {
        Self {
            inner: Arc::new(Synchronized::new("Value", &[value])),
        }
    }

    /// Creates a number without a lock: Python's `Value('i', 0, lock=False)`.
    ///
    /// # Panics
    /// If the system has no memory to share.
    pub fn unlocked(value: T) -> RawValue<T>
    where
        T: Scalar,
    {
        RawValue::new(value)
    }

    /// Returns a copy of the value, read under the lock.
    #[track_caller]
    pub fn get(&self) -> T {
        let guard = self.inner.lock();
        watched::load(self.inner.identity(), Location::caller(), || guard[0])
    }

    /// Sets the value, under the lock.
    #[track_caller]
    pub fn set(&self, value: T) {
        let mut guard = self.inner.lock();
        let store = |value| std::mem::replace(&mut guard[0], value);
        watched::store(self.inner.identity(), Location::caller(), value, store);
    }

    /// Acquires the lock until the guard is dropped.
    ///
    /// ```
    /// use threadbook::prelude::*;
    ///
    /// let balance = Value::new(100);
    /// *balance.get_lock() += 1;
    /// let guard = balance.get_lock();
    /// balance.set(balance.get() + 1);
    /// drop(guard);
    /// assert_eq!(balance.get(), 102);
    /// ```
    #[track_caller]
    pub fn get_lock(&self) -> ValueGuard<'_, T> {
        ValueGuard(self.inner.lock())
    }
}

impl<T: Plain> Clone for Value<T> {
    fn clone(&self) -> Self {
        Self {
            inner: Arc::clone(&self.inner),
        }
    }
}

impl<T: Plain + fmt::Debug> fmt::Debug for Value<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Value").field(&self.get()).finish()
    }
}

impl<T: Plain> Deref for ValueGuard<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0[0]
    }
}

impl<T: Plain> DerefMut for ValueGuard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.0[0]
    }
}

impl<T: Plain + fmt::Debug> fmt::Debug for ValueGuard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

impl<T: Plain + fmt::Display> fmt::Display for ValueGuard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}
