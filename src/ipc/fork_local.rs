//! State that a forked child must not share with its parent, found without taking the parent's locks.

use std::ptr;
use std::sync::atomic::{AtomicPtr, Ordering};

use crate::os;

/// One `T` per process. A forked child gets a new one: the parent's may be locked by a thread that does not exist in
/// the child, or belong to such a thread. The copy of the parent's value is left as it is, and its memory is not freed.
pub(crate) struct ForkLocal<T> {
    current: AtomicPtr<Owned<T>>,
}

struct Owned<T> {
    /// The process that created it. No other process has this id while one of its descendants lives, since they are
    /// killed with it.
    owner_pid: u32,
    value: T,
}

impl<T: Default> ForkLocal<T> {
    pub(crate) const fn new() -> Self {
        Self {
            current: AtomicPtr::new(ptr::null_mut()),
        }
    }

    /// Returns this process's value, which the first call creates.
    pub(crate) fn get(&self) -> &T {
        let me = os::process_id();
        let seen = self.current.load(Ordering::Acquire);
        match self.owned(seen) {
            Some(owned) if owned.owner_pid == me => &owned.value,
            _ => self.renew(seen, me),
        }
    }

    #[cold]
    fn renew(&self, seen: *mut Owned<T>, owner_pid: u32) -> &T {
        let new = Box::into_raw(Box::new(Owned {
            owner_pid,
            value: T::default(),
        }));
        let swap = self
            .current
            .compare_exchange(seen, new, Ordering::AcqRel, Ordering::Acquire);
        let current = match swap {
            Ok(_) => new,
            Err(other) => {
                // SAFETY: `new` came from `Box::into_raw` above and was never published.
                drop(unsafe { Box::from_raw(new) });
                other
            }
        };
        // SAFETY: not null, and only `drop` frees a published value.
        unsafe { &(*current).value }
    }

    fn owned(&self, pointer: *mut Owned<T>) -> Option<&Owned<T>> {
        // SAFETY: null, or a value that `renew` published and only `drop` frees.
        unsafe { pointer.as_ref() }
    }
}

impl<T> Drop for ForkLocal<T> {
    fn drop(&mut self) {
        let current = *self.current.get_mut();
        // SAFETY: as in `owned`; `&mut self` shows that no one else uses it.
        let own =
            unsafe { current.as_ref() }.is_some_and(|owned| owned.owner_pid == os::process_id());
        if own {
            // SAFETY: it came from `Box::into_raw`, and this is its only owner.
            drop(unsafe { Box::from_raw(current) });
        }
    }
}

// SAFETY: it owns its `T` and hands out `&T` to any thread.
unsafe impl<T: Send + Sync> Sync for ForkLocal<T> {}
// SAFETY: it owns its `T`.
unsafe impl<T: Send> Send for ForkLocal<T> {}
