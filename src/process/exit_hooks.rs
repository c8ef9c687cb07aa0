//! Functions to run when a process exits.

/// When a function that was passed to [`at_exit`](super::at_exit) runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ExitPhase {
    /// Before the daemons are terminated and the other children are joined.
    BeforeChildren,
    /// When no child is left.
    AfterChildren,
}

/// A function to run when this process exits. A forked child has none of its parent's.
pub(super) struct ExitHook {
    pub(super) phase: ExitPhase,
    pub(super) run: Box<dyn FnOnce() + Send>,
}
