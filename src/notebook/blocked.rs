//! Tells the kernel what a thread waits for, so that it can show who waits for whom, and name a deadlock.
//!
//! Our own waits are loops of short sleeps, which check now and then whether the others still live. From outside they look like waits
//! that end by themselves; this says that they do not.

use std::ffi::{c_int, c_void};

use super::symbol::Symbol;

/// What a thread waits for.
#[derive(Clone, Copy)]
pub(crate) enum BlockedOn {
    /// A lock, by the address of its word ([`RawLock`](crate::shared::raw_lock::RawLock)), which holds the owner's thread id; a
    /// semaphore, which has no owner: 0.
    Lock(usize),
    /// A message from a queue or pipe.
    Receive,
    /// Room in a queue or pipe.
    Send,
    /// An event to be set or a condition to be notified.
    Notification,
    Barrier,
    /// A process to exit, by its id.
    Process(u32),
    /// Tasks to be done.
    Tasks,
    /// Nothing: a thread of the crate's own, which wakes nobody before its process is at its end.
    Idle,
}

impl BlockedOn {
    /// The number that the kernel's runtime has for it (`kernel/src/runtime/waits/table.rs`).
    fn number(self) -> u32 {
        match self {
            Self::Lock(_) => 5,
            Self::Receive => 6,
            Self::Send => 7,
            Self::Notification => 8,
            Self::Barrier => 9,
            Self::Process(_) => 10,
            Self::Tasks => 11,
            Self::Idle => 12,
        }
    }
}

type Begin = unsafe extern "C" fn(kind: u32, subject: usize, is_timed: c_int) -> c_int;
type End = unsafe extern "C" fn(record: c_int);

static BEGIN: Symbol = Symbol::new(c"threadbook_wait_begin");
static END: Symbol = Symbol::new(c"threadbook_wait_end");

/// The calling thread is blocked until this is dropped.
pub(crate) struct Blocked(c_int);

impl Blocked {
    /// Says that the calling thread is about to wait. `is_timed`: at most until a deadline.
    ///
    /// Inlined, because the kernel walks the stack from whoever calls it: that is the function that waits, which has not returned then.
    #[inline(always)]
    pub(crate) fn on(what: BlockedOn, is_timed: bool) -> Self {
        let subject = match what {
            BlockedOn::Lock(word) => word,
            BlockedOn::Process(pid) => pid as usize,
            _ => 0,
        };
        let record = BEGIN.find().map_or(-1, |begin| {
            // SAFETY: the kernel's function of this name has this signature, and stays loaded.
            let begin = unsafe { std::mem::transmute::<*mut c_void, Begin>(begin) };
            // SAFETY: it takes three integers.
            unsafe { begin(what.number(), subject, is_timed.into()) }
        });
        Self(record)
    }
}

impl Drop for Blocked {
    fn drop(&mut self) {
        if self.0 < 0 {
            return;
        }
        if let Some(end) = END.find() {
            // SAFETY: the kernel's function of this name has this signature, and stays loaded.
            let end = unsafe { std::mem::transmute::<*mut c_void, End>(end) };
            // SAFETY: the record is the one that `begin` made for this thread, and it is ended once.
            unsafe { end(self.0) }
        }
    }
}
