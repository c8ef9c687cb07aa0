//! Threads that std does not know about.
//!
//! std registers each of its threads in a table, at its start and at its end, under a lock that no one else can take.
//! If a process forks while another thread holds that lock, it stays locked in the child, and no std thread can ever
//! start there. This crate's own threads must start in any child: one ends it with its parent, others serve a manager
//! or write what a queue has pending.

use std::ffi::{CStr, CString, c_void};
use std::io;
use std::mem::MaybeUninit;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr;

type Work = Box<dyn FnOnce() + Send>;

struct Start {
    name: CString,
    work: Work,
}

/// Spawns a detached thread with a stack of `stack` bytes. No one can join it.
pub(crate) fn spawn_thread(
    name: &str,
    stack: usize,
    work: impl FnOnce() + Send + 'static,
) -> io::Result<()> {
    let start = Box::new(Start {
        name: CString::new(name)?,
        work: Box::new(work),
    });
    let mut attributes = MaybeUninit::uninit();
    let attributes = attributes.as_mut_ptr();
    // SAFETY: `attributes` is initialised by the first call and destroyed by the last; in between it is only passed on.
    unsafe {
        check(libc::pthread_attr_init(attributes))?;
        let started = start_with(attributes, stack, start);
        libc::pthread_attr_destroy(attributes);
        started
    }
}

/// # Safety
/// `attributes` are initialised.
unsafe fn start_with(
    attributes: *mut libc::pthread_attr_t,
    stack: usize,
    start: Box<Start>,
) -> io::Result<()> {
    let start = Box::into_raw(start);
    let mut thread = MaybeUninit::uninit();
    // SAFETY: the caller answers for `attributes`. `run` gets what it asks for, once; the id is not used.
    let created = unsafe {
        check(libc::pthread_attr_setdetachstate(
            attributes,
            libc::PTHREAD_CREATE_DETACHED,
        ))
        .and_then(|()| check(libc::pthread_attr_setstacksize(attributes, stack)))
        .and_then(|()| {
            check(libc::pthread_create(
                thread.as_mut_ptr(),
                attributes,
                run,
                start.cast(),
            ))
        })
    };
    if created.is_err() {
        // SAFETY: no thread has it, and it came from `into_raw` above.
        drop(unsafe { Box::from_raw(start) });
    }
    created
}

extern "C" fn run(start: *mut c_void) -> *mut c_void {
    // SAFETY: `start_with` passes a `Box<Start>` to each thread.
    let Start { name, work } = *unsafe { Box::from_raw(start.cast::<Start>()) };
    set_name(&name);
    // A panic has printed its message already, and must not unwind out of Rust.
    let _ = catch_unwind(AssertUnwindSafe(work));
    ptr::null_mut()
}

/// Names the calling thread. Linux keeps the first 15 bytes.
pub(crate) fn set_name(name: &CStr) {
    #[cfg(target_os = "linux")]
    // SAFETY: the name is a C string, and the system copies it.
    unsafe {
        libc::prctl(libc::PR_SET_NAME, name.as_ptr())
    };
    #[cfg(target_os = "macos")]
    // SAFETY: as above.
    unsafe {
        libc::pthread_setname_np(name.as_ptr())
    };
}

fn check(result: libc::c_int) -> io::Result<()> {
    match result {
        0 => Ok(()),
        error => Err(io::Error::from_raw_os_error(error)),
    }
}
