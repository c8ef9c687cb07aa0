//! What a process does before it ends: its daemons are ended, its other children waited for.

use std::sync::Once;

use super::table;

/// When a function of [`at_end`] runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum When {
    /// Before the daemons are ended and the other children waited for.
    BeforeChildren,
    /// When no child is left.
    AfterChildren,
}

/// Something to be done when this process ends. A forked child has none of its parent's.
pub(super) struct Hook {
    when: When,
    run: Box<dyn FnOnce() + Send>,
}

/// Has `f` run when this process ends by itself: a child's closure has returned or panicked, or `exit` was called. Not in a
/// process that is killed, and not in a notebook's runtime, which must end at once.
pub(crate) fn at_end(when: When, f: impl FnOnce() + Send + 'static) {
    run_at_exit();
    let run = Box::new(f);
    table::lock().hooks.push(Hook { when, run });
}

/// The last thing a process does before its streams are flushed.
pub(super) fn end() {
    run_hooks(When::BeforeChildren);
    end_daemons();
    join_all();
    run_hooks(When::AfterChildren);
}

/// Has [`end`] called when the program ends by `exit` or by a return from `main`.
pub(super) fn run_at_exit() {
    static REGISTERED: Once = Once::new();
    REGISTERED.call_once(|| {
        // SAFETY: the function is never unloaded (nothing unloads this library), does not unwind, and runs as
        // ordinary code of the exiting thread. Should the system refuse, children end with their parent.
        unsafe { libc::atexit(at_exit) };
    });
}

extern "C" fn at_exit() {
    // A notebook's runtime must end when Jupyter restarts it, also while a process of a cell runs for ever.
    let in_notebook = std::env::var_os("EVCXR_IS_RUNTIME").is_some();
    if in_notebook && table::lock().me.is_none() {
        end_daemons();
    } else {
        end();
    }
}

fn run_hooks(when: When) {
    loop {
        let hook = {
            let hooks = &mut table::lock().hooks;
            match hooks.iter().position(|hook| hook.when == when) {
                Some(found) => hooks.remove(found).run,
                None => return,
            }
        };
        // A panic in one, which has printed its message, must not keep the others from running.
        let _ = std::panic::catch_unwind(std::panic::AssertUnwindSafe(hook));
    }
}

fn end_daemons() {
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
