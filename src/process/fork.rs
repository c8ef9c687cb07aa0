//! The fork itself: what is locked across it, and what the child gets.

use std::io::{self, Write};
use std::panic;
use std::sync::{Arc, Once};
use std::thread;

use super::authkey;
use super::child::Child;
use super::child_main::NoReturn;
use super::names;
use super::parent_exit::ExitWithParent;
use super::shutdown;
use super::starter::Starter;
use super::table::{self, ProcessInfo, ProcessTable};
use super::threads;
use crate::shared_memory::share_tracker;

pub(super) enum Fork {
    Parent(Arc<Child>),
    Child(NoReturn, ExitWithParent),
}

/// Forks this process. The child has one thread, the copy of the caller's.
///
/// A lock that another thread holds at this moment stays locked in the child for ever. So the locks that any code may
/// take without knowing it, those of stdout and stderr, are held across the fork, and after them this crate's own; each
/// side then unlocks its copy. The streams' buffers are flushed first, or both processes would write them. The streams
/// come first in the lock order because a caller may already hold one. The memory allocator needs nothing from us:
/// glibc's `fork` locks it and unlocks it in the child.
///
/// This cannot help with a user's own lock that another thread holds. And a thread that keeps stderr locked while it
/// calls `start` waits for stdout, so it may deadlock with another thread that is forking.
pub(super) fn fork(child: ProcessInfo, starter: Starter) -> io::Result<Fork> {
    let exit_with_parent = ExitWithParent::new(starter);
    shutdown::register_at_exit();
    names::share();
    share_tracker();
    authkey::share();
    threads::warn_about_other_threads(&child.name, starter);
    // The child then only has to reseed it; creating it would take as long as the rest of the child's start.
    drop(rand::rng());
    hold_stderr_while_a_panic_is_printed();

    let mut stdout = io::stdout().lock();
    let mut stderr = io::stderr().lock();
    let mut table = table::lock();
    table.reap();
    // A stream that no one reads any more must not keep processes from starting.
    let _ = stdout.flush();
    let _ = stderr.flush();

    // SAFETY: the child goes on with only the copy of this thread. It never returns from here into code of the parent
    // (`NoReturn`), and the locks it may meet are held by this very thread, or repaired by glibc.
    match unsafe { libc::fork() } {
        -1 => {
            let error = io::Error::last_os_error();
            Err(io::Error::new(
                error.kind(),
                format!("cannot start a new process: {error}"),
            ))
        }
        0 => {
            let no_return = NoReturn::begin();
            // Only the parent may drop what its table owns.
            std::mem::forget(std::mem::replace(
                &mut *table,
                ProcessTable::new(Some(child)),
            ));
            Ok(Fork::Child(no_return, exit_with_parent))
        }
        pid => Ok(Fork::Parent(table.add(Child::new(
            pid as u32,
            child.name,
            child.daemon,
        )))),
    }
}

/// std prints a panic under a lock that no one else can take. With stderr locked around it, no thread is inside during
/// a fork, so the child can print its panics.
fn hold_stderr_while_a_panic_is_printed() {
    static HOOK_SET: Once = Once::new();
    // A hook cannot be set during a panic; the next `start` will set it.
    if thread::panicking() {
        return;
    }
    HOOK_SET.call_once(|| {
        let print = panic::take_hook();
        panic::set_hook(Box::new(move |panic| {
            let _stderr = io::stderr().lock();
            print(panic);
        }));
    });
}
