//! Finds the functions of the network library: linked in, or in a file that is loaded at the first use.

use std::sync::Mutex;
use threadbook_network::interface::{Functions, NetworkHandle};

use super::failure::Failure;
use crate::ipc::fork_local::ForkLocal;
use crate::sync::lock;

#[cfg(not(feature = "network"))]
mod dylib;

/// The library's functions, and this process's handle to its state.
#[derive(Clone, Copy)]
pub(crate) struct Library {
    pub(super) functions: &'static Functions,
    pub(super) network: NetworkHandle,
}

// SAFETY: the interface allows any thread to use the handle of a network.
unsafe impl Send for Library {}

impl Library {
    /// Returns the library, which the first call in this process loads and starts. A forked child starts it anew, since
    /// the parent's has threads that the child does not have.
    pub(crate) fn get() -> Result<Library, Failure> {
        static LOADED: ForkLocal<Mutex<Option<Library>>> = ForkLocal::new();
        // It is set at the end or not at all.
        let mut loaded = lock(LOADED.get());
        if let Some(library) = *loaded {
            return Ok(library);
        }
        let functions = functions()?;
        let network = (functions.start)();
        Ok(*loaded.insert(Library { functions, network }))
    }
}

#[cfg(feature = "network")]
fn functions() -> Result<&'static Functions, Failure> {
    Ok(threadbook_network::functions())
}

#[cfg(not(feature = "network"))]
use dylib::functions;
