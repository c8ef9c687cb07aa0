//! What a process does before it exits: it terminates its daemons and joins its other children.

use std::sync::Once;

use super::exit_hooks::{ExitHook, ExitPhase};
use super::log::{Level, log};
use super::table;

/// Has `f` run when this process exits by itself: a child's closure has returned or panicked, or `exit` was called. `f`
/// does not run in a process that is killed, nor in a notebook's runtime, which must exit at once.
pub(crate) fn at_exit(phase: ExitPhase, f: impl FnOnce() + Send + 'static) {
    register_at_exit();
    let run = Box::new(f);
    table::lock().hooks.push(ExitHook { phase, run });
}

/// Runs the hooks, terminates the daemons and joins the other children. Only flushing the streams comes after this.
pub(super) fn run() {
    log(Level::Info, "process shutting down");
    run_hooks(ExitPhase::BeforeChildren);
    terminate_daemons();
    join_all();
    run_hooks(ExitPhase::AfterChildren);
}

/// Has [`run`] called when the program exits by `exit` or by a return from `main`.
pub(super) fn register_at_exit() {
    static REGISTERED: Once = Once::new();
    REGISTERED.call_once(|| {
        // SAFETY: the function is never unloaded (nothing unloads this library), does not unwind, and runs as ordinary
        // code of the exiting thread. If the system refuses, children are killed with their parent.
        unsafe { libc::atexit(on_exit) };
    });
}

extern "C" fn on_exit() {
    // A notebook's runtime must exit when Jupyter restarts it, even while a cell's process runs for ever.
    let in_notebook = std::env::var_os("EVCXR_IS_RUNTIME").is_some();
    if in_notebook && table::lock().current.is_none() {
        terminate_daemons();
    } else {
        run();
    }
}

fn run_hooks(phase: ExitPhase) {
    loop {
        let hook = {
            let hooks = &mut table::lock().hooks;
            match hooks.iter().position(|hook| hook.phase == phase) {
                Some(found) => hooks.remove(found).run,
                None => return,
            }
        };
        // A panic in one hook, which has printed its message, must not keep the others from running.
        let _ = std::panic::catch_unwind(std::panic::AssertUnwindSafe(hook));
    }
}

fn terminate_daemons() {
    for child in table::lock().children() {
        if child.daemon {
            // A daemon that cannot be signalled is killed with its parent.
            let _ = child.signal(libc::SIGTERM);
        }
    }
}

/// Blocks until no child is left.
fn join_all() {
    loop {
        let Some(child) = table::lock().pop() else {
            return;
        };
        // The child has exited or cannot be waited for; either way there is nothing more to do for it.
        let _ = child.wait();
    }
}
