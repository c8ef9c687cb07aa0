//! Processes whose closures borrow from the function that starts them.

use std::io;

use super::handle::Process;
use super::starter::Starter;

impl Process {
    /// Starts a process named `KIND-N`. Its closure may borrow, since the process has a copy of all memory.
    pub(crate) fn start_borrowing(
        kind: &str,
        is_daemon: bool,
        starter: Starter,
        body: impl FnOnce(),
    ) -> io::Result<Self> {
        let body: Box<dyn FnOnce() + '_> = Box::new(body);
        // SAFETY: only the lifetime changes. In this process the closure is not called and does not outlive this
        // function: `start` drops it, or, after an error, the drop of `process` does. In the child it is called on the
        // copy of this very stack, which is never left.
        let body: Box<dyn FnOnce() + 'static> = unsafe { std::mem::transmute(body) };
        let mut process = Self::of_kind(kind, body);
        process.set_daemon(is_daemon)?;
        process.set_starter(starter);
        process.start()?;
        Ok(process)
    }
}
