//! Values behind a lock, in one piece of shared memory: CPython's `Synchronized`.

use std::cell::Cell;
use std::marker::PhantomData;
use std::ops::{Deref, DerefMut};
use std::ptr::NonNull;
use std::sync::atomic::{AtomicU32, Ordering};

use super::plain::Plain;
use super::rlock::RawRLock;
use crate::mapping::Mapping;
use crate::os;

/// In `Header::borrows`: a guard was written through.
const WRITTEN: u32 = u32::MAX;

/// `len` values of `T` behind one lock.
pub(super) struct Synchronized<T> {
    mapping: Mapping,
    len: usize,
    /// What the error messages call it.
    kind: &'static str,
    values: PhantomData<T>,
}

#[repr(C)]
struct Header {
    lock: RawRLock,
    /// How many guards of the lock's owner were read through, or [`WRITTEN`]. As in a `RefCell`, this keeps a
    /// re-entrant lock from handing out a second reference beside a `&mut`. Only the owner accesses it.
    borrows: AtomicU32,
}

/// The lock, held until this is dropped; gives access to the values. Stays on its thread.
pub(super) struct SynchronizedGuard<'a, T: Plain> {
    inner: &'a Synchronized<T>,
    usage: Cell<Usage>,
    /// A forked child has a copy of the guard but not the lock.
    pid: u32,
    not_send: PhantomData<*const T>,
}

/// What a guard was used for.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Usage {
    Untouched,
    Read,
    Written,
}

impl<T: Plain> Synchronized<T> {
    const OFFSET: usize = size_of::<Header>().next_multiple_of(align_of::<T>());

    /// Creates `len` zeros.
    ///
    /// # Panics
    /// If the system has no memory to share.
    pub(super) fn zeroed(kind: &'static str, len: usize) -> Self {
        // A mapping is aligned to a page, and a page is never smaller than this.
        const { assert!(align_of::<T>() <= 4096) };
        let mapping = size_of::<T>()
            .checked_mul(len)
            .and_then(|bytes| bytes.checked_add(Self::OFFSET))
            .ok_or_else(|| std::io::ErrorKind::OutOfMemory.into())
            .and_then(Mapping::new)
            .unwrap_or_else(|error| panic!("no shared memory for this {kind}: {error}"));
        Self {
            mapping,
            len,
            kind,
            values: PhantomData,
        }
    }

    pub(super) fn new(kind: &'static str, values: &[T]) -> Self {
        let inner = Self::zeroed(kind, values.len());
        inner.lock().copy_from_slice(values);
        inner
    }

    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// Acquires the lock. Blocks until it is free.
    ///
    /// # Panics
    /// If the lock's owner has exited without releasing it.
    #[track_caller]
    pub(super) fn lock(&self) -> SynchronizedGuard<'_, T> {
        if let Err(reason) = self.header().lock.acquire() {
            panic!(
                "cannot lock the {}, which may be half written: {reason}",
                self.kind
            );
        }
        SynchronizedGuard {
            inner: self,
            usage: Cell::new(Usage::Untouched),
            pid: os::process_id(),
            not_send: PhantomData,
        }
    }

    /// The address of the values, which all processes that share them have in common.
    pub(super) fn identity(&self) -> usize {
        self.values().as_ptr().cast::<T>().expose_provenance()
    }

    fn header(&self) -> &Header {
        // SAFETY: the mapping begins with a `Header` (it is at least `OFFSET` bytes and page-aligned), zeros are a
        // valid one, and only atomics change it.
        unsafe { self.mapping.start().cast().as_ref() }
    }

    fn values(&self) -> NonNull<[T]> {
        // SAFETY: `OFFSET` is inside the mapping (or one past its end when there are no bytes of values).
        let first = unsafe { self.mapping.start().add(Self::OFFSET) };
        NonNull::slice_from_raw_parts(first.cast(), self.len)
    }
}

impl<T: Plain> SynchronizedGuard<'_, T> {
    /// Returns what the guard was used for in the process that holds the lock.
    pub(super) fn usage(&self) -> Usage {
        match self.pid == os::process_id() {
            true => self.usage.get(),
            false => Usage::Untouched,
        }
    }

    /// See [`Synchronized::identity`].
    pub(super) fn identity(&self) -> usize {
        self.inner.identity()
    }

    fn check_process(&self) {
        assert!(
            self.pid == os::process_id(),
            "the lock of this {} is held by process {}: call get_lock in this process too",
            self.inner.kind,
            self.pid
        );
    }

    fn conflict(&self, usage: Usage) -> ! {
        let (other, this) = match usage {
            Usage::Written => ("used", "write"),
            _ => ("written through", "read"),
        };
        panic!(
            "this thread already holds a guard of the {kind} that it has {other}: \
             {this} the {kind} through that guard, or drop it first",
            kind = self.inner.kind
        );
    }
}

impl<T: Plain> Deref for SynchronizedGuard<'_, T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        self.check_process();
        if self.usage.get() == Usage::Untouched {
            let borrows = &self.inner.header().borrows;
            match borrows.load(Ordering::Relaxed) {
                WRITTEN => self.conflict(Usage::Read),
                readers => borrows.store(readers + 1, Ordering::Relaxed),
            }
            self.usage.set(Usage::Read);
        }
        // SAFETY: the values are initialised (zeros are valid) and inside the mapping, which outlives `self`. This
        // thread holds the lock, so no other thread of any process has a reference to them; `borrows` rules out
        // a `&mut` from another guard of this thread, and `&self` one from this guard.
        unsafe { self.inner.values().as_ref() }
    }
}

impl<T: Plain> DerefMut for SynchronizedGuard<'_, T> {
    fn deref_mut(&mut self) -> &mut [T] {
        self.check_process();
        if self.usage.get() != Usage::Written {
            let borrows = &self.inner.header().borrows;
            let own = u32::from(self.usage.get() == Usage::Read);
            if borrows.load(Ordering::Relaxed) != own {
                self.conflict(Usage::Written);
            }
            borrows.store(WRITTEN, Ordering::Relaxed);
            self.usage.set(Usage::Written);
        }
        // SAFETY: as in `deref`; here `borrows` rules out every reference from another guard of this
        // thread, and `&mut self` every one from this guard.
        unsafe { self.inner.values().as_mut() }
    }
}

impl<T: Plain> Drop for SynchronizedGuard<'_, T> {
    fn drop(&mut self) {
        if self.pid != os::process_id() {
            return;
        }
        let header = self.inner.header();
        match self.usage.get() {
            Usage::Untouched => {}
            Usage::Read => {
                header.borrows.fetch_sub(1, Ordering::Relaxed);
            }
            Usage::Written => header.borrows.store(0, Ordering::Relaxed),
        }
        // This thread holds the lock: the guard does not leave the thread, and a child's copy has returned above.
        let _ = header.lock.release();
    }
}
