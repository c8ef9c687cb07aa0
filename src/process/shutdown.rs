//! What a process does before it ends: its daemons are ended, its other children waited for.

use std::sync::Once;

use super::exit_hooks::{ExitHook, ExitPhase};
use super::table;

/// Has `f` run when this process ends by itself: a child's closure has returned or panicked, or `exit` was called. Not in a
/// process that is killed, and not in a notebook's runtime, which must end at once.
pub(crate) fn at_exit(phase: ExitPhase, f: impl FnOnce() + Send + 'static) {
    register_at_exit();
    let run = Box::new(f);
    table::lock().hooks.push(ExitHook { phase, run });
}

/// The last thing a process does before its streams are flushed.
pub(super) fn run() {
    run_hooks(ExitPhase::BeforeChildren);
    terminate_daemons();
    join_all();
    run_hooks(ExitPhase::AfterChildren);
}

/// Has [`run`] called when the program ends by `exit` or by a return from `main`.
pub(super) fn register_at_exit() {
    static REGISTERED: Once = Once::new();
    REGISTERED.call_once(|| {
        // SAFETY: the function is never unloaded (nothing unloads this library), does not unwind, and runs as
        // ordinary code of the exiting thread. Should the system refuse, children end with their parent.
        unsafe { libc::atexit(on_exit) };
    });
}

extern "C" fn on_exit() {
    // A notebook's runtime must end when Jupyter restarts it, also while a process of a cell runs for ever.
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
        // A panic in one, which has printed its message, must not keep the others from running.
        let _ = std::panic::catch_unwind(std::panic::AssertUnwindSafe(hook));
    }
}

fn terminate_daemons() {
    for child in table::lock().children() {
        if child.daemon {
            // One that cannot be signalled ends with its parent.
            let _ = child.signal(libc::SIGTERM);
        }
    }
}

/// Waits until no child is left.
fn join_all() {
    loop {
        let Some(child) = table::lock().pop() else {
            return;
        };
        // The child is gone or cannot be waited for; either way there is nothing more to do for it.
        let _ = child.wait();
    }
}
