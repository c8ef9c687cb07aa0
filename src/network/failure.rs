//! Errors of the network library.

use threadbook_network::interface::{FailureHandle, Functions, Kind};

/// Why a call failed.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) kind: Kind,
    /// One line that says what failed, and what to do if that is known.
    pub(crate) message: String,
}

impl Failure {
    /// Takes ownership of a failure that the library has just returned.
    pub(super) fn take(functions: &Functions, handle: FailureHandle) -> Failure {
        // SAFETY: the call that returned the handle failed, so it is an open one; it is not used after it is closed.
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
