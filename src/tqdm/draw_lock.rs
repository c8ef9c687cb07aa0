//! The lock under which all bars are drawn.

use std::cell::UnsafeCell;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::sync::{Mutex, MutexGuard, Once};

use super::screen::Screen;
use crate::sync;

/// Held while any bar of this process is drawn or changed, and across every fork. So in a child no bar is half changed,
/// and none of the locks inside indicatif, which are taken only under this one, is left locked.
///
/// Lock order: after the locks of stdout and stderr and of the process table, which a fork holds already. Only a bar's
/// own state and indicatif's locks are taken after it, and no user code runs under it.
static SCREEN: Mutex<Screen> = Mutex::new(Screen::new());

/// How many times this process has forked.
static FORKS: AtomicU32 = AtomicU32::new(0);

pub(super) type DrawGuard = MutexGuard<'static, Screen>;

pub(super) fn lock() -> DrawGuard {
    register_fork_handlers();
    take()
}

pub(super) fn forks() -> u32 {
    FORKS.load(Relaxed)
}

fn take() -> DrawGuard {
    sync::lock(&SCREEN)
}

struct HeldAcrossFork(UnsafeCell<Option<DrawGuard>>);

// SAFETY: only the owner of the lock accesses it: `before` after it has taken the lock, and `release`, which runs on
// the same thread (in the child, on its copy), before it has given it back.
unsafe impl Sync for HeldAcrossFork {}

static HELD: HeldAcrossFork = HeldAcrossFork(UnsafeCell::new(None));

fn register_fork_handlers() {
    extern "C" fn before() {
        let drawing = take();
        // SAFETY: this thread has the lock, see `HeldAcrossFork`.
        unsafe { *HELD.0.get() = Some(drawing) };
    }
    extern "C" fn in_parent() {
        FORKS.fetch_add(1, Relaxed);
        release();
    }
    extern "C" fn release() {
        // SAFETY: this thread has the lock since `before`, see `HeldAcrossFork`.
        let drawing = unsafe { (*HELD.0.get()).take() };
        drop(drawing);
    }
    static REGISTERED: Once = Once::new();
    REGISTERED.call_once(|| {
        // SAFETY: the functions take and release a lock, which may be done around a fork: no thread forks while it has
        // it. They do not unwind, and this library is never unloaded.
        let error = unsafe { libc::pthread_atfork(Some(before), Some(in_parent), Some(release)) };
        assert_eq!(error, 0, "no memory to register functions for forks");
    });
}
