//! What a process runs.

/// The closure, which is accessible only through `&mut`.
pub(super) struct Target(Box<dyn FnOnce()>);

// SAFETY: a `&Target` gives access to nothing: the closure is taken out through `&mut Target` and dropped by its owner,
// both on the thread that owns the `Process`, which is not `Send`.
unsafe impl Sync for Target {}

impl Target {
    pub(super) fn new(closure: impl FnOnce() + 'static) -> Self {
        Self(Box::new(closure))
    }

    /// Takes the closure out. A second call returns one that does nothing.
    pub(super) fn take(&mut self) -> Box<dyn FnOnce()> {
        std::mem::replace(&mut self.0, Box::new(|| ()))
    }
}
