//! A mutex in shared memory whose owner may be killed.

use std::cell::UnsafeCell;
use std::io;
use std::marker::PhantomData;

/// A lock between processes that the system releases when its owner exits: POSIX's robust mutex.
///
/// The next owner is told, so that it can repair what the dead one left. This is for the crate's own short critical
/// sections; the locks that users see are in `shared`. Where the system has no robust mutexes (macOS), the death of an
/// owner is not noticed.
#[repr(transparent)]
pub(crate) struct RobustMutex(UnsafeCell<libc::pthread_mutex_t>);

// SAFETY: a pthread mutex is made for use by several threads, and (being process-shared) by several processes.
unsafe impl Sync for RobustMutex {}
// SAFETY: as above; it is in shared memory and has no owner.
unsafe impl Send for RobustMutex {}

/// The mutex, locked until this is dropped. Stays on its thread, as pthread demands.
pub(crate) struct RobustGuard<'a> {
    mutex: &'a RobustMutex,
    /// The last owner exited while it held the mutex.
    pub(crate) owner_died: bool,
    not_send: PhantomData<*const ()>,
}

/// Attempts before a waiter goes to sleep: they take about as long as copying a short message.
const SPINS: u32 = 60;

impl RobustMutex {
    /// Initialises the memory at `place` as an unlocked mutex.
    ///
    /// # Safety
    /// `place` is valid for writes, aligned, in memory that is shared, and no one uses it yet.
    pub(crate) unsafe fn init(place: *mut Self) -> io::Result<()> {
        let mut attributes = std::mem::MaybeUninit::uninit();
        let attributes = attributes.as_mut_ptr();
        // SAFETY: `attributes` is initialised by the first call and destroyed by the last; in between it is only passed
        // on. The caller answers for `place`.
        unsafe {
            check(libc::pthread_mutexattr_init(attributes))?;
            let made = check(libc::pthread_mutexattr_setpshared(
                attributes,
                libc::PTHREAD_PROCESS_SHARED,
            ))
            .and_then(|()| make_robust(attributes))
            .and_then(|()| check(libc::pthread_mutex_init(place.cast(), attributes)));
            libc::pthread_mutexattr_destroy(attributes);
            made
        }
    }

    pub(crate) fn lock(&self) -> RobustGuard<'_> {
        for _ in 0..SPINS {
            if let Some(guard) = self.try_lock() {
                return guard;
            }
            std::hint::spin_loop();
        }
        // SAFETY: `init` made it a mutex; this thread does not hold it (a guard never outlives a call of this crate).
        let result = unsafe { libc::pthread_mutex_lock(self.0.get()) };
        self.taken(result)
            .unwrap_or_else(|| panic!("cannot lock a mutex in shared memory: error {result}"))
    }

    pub(crate) fn try_lock(&self) -> Option<RobustGuard<'_>> {
        // SAFETY: `init` made it a mutex.
        self.taken(unsafe { libc::pthread_mutex_trylock(self.0.get()) })
    }

    fn taken(&self, result: libc::c_int) -> Option<RobustGuard<'_>> {
        let owner_died = match result {
            0 => false,
            #[cfg(target_os = "linux")]
            libc::EOWNERDEAD => {
                // SAFETY: this thread has just got the mutex with this very result.
                unsafe { libc::pthread_mutex_consistent(self.0.get()) };
                true
            }
            _ => return None,
        };
        Some(RobustGuard {
            mutex: self,
            owner_died,
            not_send: PhantomData,
        })
    }
}

impl Drop for RobustGuard<'_> {
    fn drop(&mut self) {
        // SAFETY: this thread holds it: the guard is the proof and cannot be sent.
        unsafe { libc::pthread_mutex_unlock(self.mutex.0.get()) };
    }
}

#[cfg(target_os = "linux")]
unsafe fn make_robust(attributes: *mut libc::pthread_mutexattr_t) -> io::Result<()> {
    // SAFETY: the caller passes initialised attributes.
    check(unsafe { libc::pthread_mutexattr_setrobust(attributes, libc::PTHREAD_MUTEX_ROBUST) })
}

#[cfg(not(target_os = "linux"))]
unsafe fn make_robust(_: *mut libc::pthread_mutexattr_t) -> io::Result<()> {
    Ok(())
}

fn check(result: libc::c_int) -> io::Result<()> {
    match result {
        0 => Ok(()),
        error => Err(io::Error::from_raw_os_error(error)),
    }
}
