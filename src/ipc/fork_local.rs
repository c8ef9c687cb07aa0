//! State that a forked child must not share with its parent, found without asking the parent's locks.

use std::ptr;
use std::sync::atomic::{AtomicPtr, Ordering};

use crate::os;

/// One `T` per process. A forked child finds a new one: the parent's may be locked by a thread that does not exist in
/// the child, or belong to such a thread. The copy of the parent's is left as it is, and its memory is not given back.
pub(crate) struct ForkLocal<T> {
    current: AtomicPtr<Slot<T>>,
}

struct Slot<T> {
    /// The process it was made in. No other has this id while one of its descendants lives, since those end with it.
    home: u32,
    value: T,
}

impl<T: Default> ForkLocal<T> {
    pub(crate) const fn new() -> Self {
        Self {
            current: AtomicPtr::new(ptr::null_mut()),
        }
    }

    /// This process's value, made at the first use.
    pub(crate) fn get(&self) -> &T {
        let me = os::process_id();
        let seen = self.current.load(Ordering::Acquire);
        match self.slot(seen) {
            Some(slot) if slot.home == me => &slot.value,
            _ => self.renew(seen, me),
        }
    }

    #[cold]
    fn renew(&self, seen: *mut Slot<T>, home: u32) -> &T {
        let new = Box::into_raw(Box::new(Slot {
            home,
            value: T::default(),
        }));
        let swap = self
            .current
            .compare_exchange(seen, new, Ordering::AcqRel, Ordering::Acquire);
        let current = match swap {
            Ok(_) => new,
            Err(other) => {
                // SAFETY: `new` came from `Box::into_raw` above and was published nowhere.
                drop(unsafe { Box::from_raw(new) });
                other
            }
        };
        // SAFETY: not null, and a published slot is freed by `drop` alone.
        unsafe { &(*current).value }
    }

    fn slot(&self, pointer: *mut Slot<T>) -> Option<&Slot<T>> {
        // SAFETY: null, or a slot that was published by `renew` and is freed by `drop` alone.
        unsafe { pointer.as_ref() }
    }
}

impl<T> Drop for ForkLocal<T> {
    fn drop(&mut self) {
        let current = *self.current.get_mut();
        // SAFETY: as in `slot`; `&mut self` shows that no one else uses it.
        let own = unsafe { current.as_ref() }.is_some_and(|slot| slot.home == os::process_id());
        if own {
            // SAFETY: it came from `Box::into_raw`, and this is its one owner.
            drop(unsafe { Box::from_raw(current) });
        }
    }
}

// SAFETY: it owns its `T` and hands out `&T` to any thread.
unsafe impl<T: Send + Sync> Sync for ForkLocal<T> {}
// SAFETY: it owns its `T`.
unsafe impl<T: Send> Send for ForkLocal<T> {}
