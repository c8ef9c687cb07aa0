//! What the copies of a process do first.

use anyhow::{Context, Result};
use std::io;

/// Has each child that this process forks call a function first (pthread_atfork(3)). The function touches only thread-locals of the
/// calling thread, which is the one that the child has. At most that registers a destructor, for which glibc's malloc may be used in a
/// child.
pub fn in_forked_children(function: unsafe extern "C" fn()) -> Result<()> {
    // SAFETY: the function is one that may run there, as said above.
    let failed = unsafe { libc::pthread_atfork(None, None, Some(function)) };
    match failed {
        0 => Ok(()),
        error => Err(io::Error::from_raw_os_error(error)).context("pthread_atfork"),
    }
}
