//! Why a call of the network library failed.

use threadbook_network::interface::{FailureHandle, Functions, Kind};

/// Why something failed.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) kind: Kind,
    /// One line that says what failed, and what to do if that is known.
    pub(crate) message: String,
}

impl Failure {
    /// Takes over a failure that the library has just given.
    pub(super) fn take(functions: &Functions, handle: FailureHandle) -> Failure {
        // SAFETY: the call that gave the handle failed, so it is an open one; after it is closed it is used no more.
        unsafe {
            let failure = Failure {
                kind: (functions.failure_kind)(handle),
                message: (functions.failure_message)(handle).as_str().to_owned(),
            };
            (functions.close_failure)(handle);
            failure
        }
    }
}
