//! Which thread starts a process.

/// Who starts a process.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Starter {
    /// Any thread.
    Any,
    /// A thread of this crate, for another thread. It does not exit before the process, unless its own process does. So
    /// the child needs no thread of its own to notice the end of its parent.
    Stays,
}
